package dev.galatea.studio.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.galatea.records.Header;
import dev.galatea.records.request.Cancel;
import dev.galatea.records.request.Forget;
import dev.galatea.records.request.LightingEdit;
import dev.galatea.records.request.Look;
import dev.galatea.records.request.Message;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.result.Reject;
import dev.galatea.studio.StudioLimits;
import dev.galatea.studio.StudioSettings;
import dev.galatea.studio.gallery.Gallery;
import dev.galatea.studio.gallery.LookDesk;
import dev.galatea.studio.gallery.MadeEvents;
import dev.galatea.studio.gallery.Traffic;
import java.awt.Color;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Level;
import org.apache.flink.configuration.Configuration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogType;

/** The page in a real browser. The test is the job: it answers what the page sends. */
class BrowserITCase {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String HOSTILE = "<script>alert(1)</script>";
  private static final StudioLimits LIMITS = new StudioLimits(6000, 10, 64 << 20, 4);

  @TempDir private Path directory;

  private final List<Message> sent = new CopyOnWriteArrayList<>();
  private final List<Look> looks = new CopyOnWriteArrayList<>();
  private final LookDesk desk = new LookDesk(this::draw);
  private final Gallery gallery =
      new Gallery(LIMITS, new Traffic(InstantSource.system(), Instant.EPOCH));
  private StudioServer server;
  private ChromeDriver browser;
  private String address;

  @BeforeEach
  void open() {
    browser = InstalledChromium.open(1280, 900);
    serve(false);
  }

  private void serve(boolean readOnly) {
    StudioSettings settings =
        new StudioSettings(
            "127.0.0.1",
            0,
            Optional.empty(),
            readOnly,
            LIMITS,
            Duration.ZERO,
            List.of("round glasses", "red hair"),
            Optional.empty());
    server =
        new StudioServer(
            settings,
            new Configuration(),
            gallery,
            new Traffic(InstantSource.system(), Instant.EPOCH),
            desk,
            this::take,
            Optional::empty);
    address = "http://127.0.0.1:%d/".formatted(server.start());
  }

  private Header.Origin take(Message message) {
    sent.add(message);
    Header header = message.header();
    message.match(
        request -> {
          gallery.on(MadeEvents.requested(sent.size(), request));
          return true;
        },
        command ->
            command.obeyed(
                forget -> {
                  gallery.on(MadeEvents.forgotten(header.identity()));
                  return true;
                },
                cancel -> {
                  gallery.on(MadeEvents.cancelled(header.identity(), cancel.target()));
                  return true;
                },
                revert -> false,
                adopt -> false,
                look -> false));
    return MadeEvents.origin(sent.size());
  }

  private Header.Origin draw(Message message) {
    Look look = (Look) message;
    looks.add(look);
    desk.seen(MadeEvents.seen(look));
    return MadeEvents.origin(0);
  }

  @AfterEach
  void close() {
    gallery.close();
    if (browser != null) {
      browser.quit();
    }
    if (server != null) {
      server.close();
    }
  }

  @Test
  void aPersonIsFoundTurnedAndChanged() throws Exception {
    gallery.on(MadeEvents.done("ada", "r1", 1));
    gallery.on(MadeEvents.done("ben", "r1", 1));
    gallery.on(MadeEvents.prompt(HOSTILE, "r1", "<img src=x onerror=alert(2)>"));
    gallery.on(MadeEvents.done(HOSTILE, "r1", 1));
    browser.get(address);
    await(() -> tiles().size() == 3);
    assertThat(browser.findElements(By.cssSelector(".tile-name")))
        .extracting(WebElement::getText)
        .contains(HOSTILE);
    browser.findElement(By.cssSelector(".search")).sendKeys("AD");
    await(() -> tiles().size() == 1);
    tiles().get(0).click();
    await(() -> text("h1").equals("ada"));

    WebElement head = browser.findElement(By.cssSelector(".turn"));
    await(() -> "from the front".equals(head.getAttribute("aria-valuetext")));
    head.sendKeys(Keys.ARROW_RIGHT);
    assertThat(head.getAttribute("aria-valuetext")).isEqualTo("6° from the right");
    new Actions(browser).dragAndDropBy(head, 400, 0).perform();
    assertThat(head.getAttribute("aria-valuetext")).isEqualTo("52° from the left");
    await(() -> looks.get(looks.size() - 1).cameras().get(0).yaw() < -0.85);
    await(() -> browser.findElement(By.cssSelector(".turn-drawn.on")).isDisplayed());

    prompt();
    light();
    photo();
    cancel();
    assertThat(browser.manage().logs().get(LogType.BROWSER).getAll())
        .as("what the browser complains of")
        .noneMatch(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue());
    forget(); // last: a picture that is asked for meanwhile is gone
  }

  private void cancel() throws Exception {
    keep("person");
    browser.findElement(By.cssSelector(".request-cancel:not([hidden])")).click();
    await(() -> sent.size() == 4);
    assertThat(((Cancel) sent.get(3)).target()).isEqualTo(sent.get(2).header().requestId());
    await(() -> text(".requests").contains("CANCELLED"));
  }

  private void forget() {
    browser.findElement(By.cssSelector(".forget")).click();
    browser.findElement(By.xpath("//dialog//button[text()='Forget']")).click();
    await(() -> sent.size() == 5);
    assertThat(sent.get(4)).isInstanceOf(Forget.class);
    await(() -> tiles().size() == 2);
  }

  private void prompt() {
    browser.findElement(By.xpath("//button[text()='round glasses']")).click();
    browser.findElement(By.xpath("//button[text()='Send prompt']")).click();
    await(() -> sent.size() == 1);
    String id = sent.get(0).header().requestId();
    assertThat(((Prompt) sent.get(0)).text()).isEqualTo("round glasses");
    await(() -> text(".requests").contains("sent"));
    gallery.on(MadeEvents.accepted("ada", id, 0, 10));
    await(() -> text(".requests").contains("accepted, next"));
    gallery.on(MadeEvents.preview("ada", id, 2, 4));
    await(() -> text(".requests").contains("step 4 of 10"));
    gallery.on(MadeEvents.done("ada", id, 2));
    await(() -> text(".requests").contains("done, v2"));
    assertThat(browser.findElements(By.cssSelector(".frame"))).hasSize(2);
    assertThat(text(".film")).contains("round glasses");
  }

  private void light() {
    browser.findElement(By.id("tab-Light")).click();
    WebElement sphere = browser.findElement(By.cssSelector(".light-sphere"));
    new Actions(browser).moveToElement(sphere, 60, 0).click().perform();
    assertThat(text(".light-words")).isEqualTo("from the right");
    browser.findElement(By.xpath("//button[text()='Send light']")).click();
    await(() -> sent.size() == 2);
    float[] light = ((LightingEdit) sent.get(1)).light().orElseThrow().coefficients();
    assertThat(light[3]).as("from the right").isPositive();
    assertThat(light[1]).as("neither above nor below").isCloseTo(0, within(0.05f));
    gallery.on(MadeEvents.rejected(2, Reject.Reason.INBOX_FULL, "32 requests are waiting"));
    await(() -> text(".requests").contains("Wait until earlier requests are done"));
  }

  private void photo() throws Exception {
    Path file = Files.write(directory.resolve("ada.png"), MadeEvents.png(64, Color.PINK));
    browser.findElement(By.id("tab-Photo")).click();
    browser.findElement(By.id("photo-file")).sendKeys(file.toString());
    await(() -> sent.size() == 3);
    await(() -> browser.findElement(By.cssSelector(".sent img")).isDisplayed());
  }

  @Test
  void thousandsOfPeopleNeedFewElementsAndLittleMemory() {
    for (int i = 0; i < 5000; i++) {
      gallery.on(MadeEvents.done("person-" + i, "r1", 1));
    }
    browser.get(address);
    await(() -> text(".count").equals("5000 people"));
    for (int round = 0; round < 5; round++) {
      browser.executeScript(
          "window.scrollTo(0, document.body.scrollHeight * arguments[0] / 5)", round);
      for (int i = 0; i < 50; i++) {
        gallery.on(MadeEvents.preview("person-" + (i * 97), "r2", 2, round + 1));
      }
      assertThat(frames()).as("of a second in which 50 people change").isGreaterThan(2);
    }
    assertThat(browser.findElements(By.cssSelector(".tile"))).hasSizeLessThan(150);
    long heap = (Long) browser.executeScript("return performance.memory.usedJSHeapSize");
    assertThat(heap).isLessThan(100L << 20);
  }

  /** How often the page is drawn in a second. */
  private long frames() {
    return (Long)
        browser.executeAsyncScript(
            """
            const done = arguments[0];
            const end = performance.now() + 1000;
            let frames = 0;
            const draw = () => { frames++; performance.now() < end ? requestAnimationFrame(draw) : done(frames); };
            requestAnimationFrame(draw);
            """);
  }

  @Test
  void aReadOnlyPageHasNothingToSendWith() throws Exception {
    server.close();
    serve(true);
    gallery.on(MadeEvents.done("ada", "r1", 1));
    browser.get(address);
    await(() -> tiles().size() == 1);
    assertThat(browser.findElements(By.cssSelector(".bar .button"))).isEmpty();
    tiles().get(0).click();
    await(() -> text("h1").equals("ada"));
    assertThat(browser.findElements(By.cssSelector(".composer"))).isEmpty();
    browser.get(address + "#/machine");
    await(() -> text("main").contains("refused: read-only"));
    keep("machine");
  }

  private List<WebElement> tiles() {
    return browser.findElements(By.cssSelector(".tile-link"));
  }

  private String text(String selector) {
    return browser.findElements(By.cssSelector(selector)).stream()
        .findFirst()
        .map(WebElement::getText)
        .orElse("");
  }

  private static void await(Callable<Boolean> condition) {
    Awaitility.await().atMost(PATIENCE).ignoreExceptions().until(condition);
  }

  /** Keeps a picture of the page for people to look at. */
  private void keep(String name) throws Exception {
    Path folder = Files.createDirectories(Path.of("src/studio/target/screenshots"));
    Files.write(folder.resolve(name + ".png"), browser.getScreenshotAs(OutputType.BYTES));
  }
}
