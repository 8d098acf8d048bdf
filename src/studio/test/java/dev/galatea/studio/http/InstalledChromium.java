package dev.galatea.studio.http;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** A Chromium of the system, without a window. Nothing is downloaded. */
final class InstalledChromium {
  private static final List<String> BROWSERS =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");

  /** Says of each new Chromium that it does not know its debugging protocol, which nothing uses. */
  private static final Logger PROTOCOL =
      Logger.getLogger("org.openqa.selenium.devtools.CdpVersionFinder");

  static {
    PROTOCOL.setLevel(Level.OFF);
  }

  private InstalledChromium() {}

  /** Opens a browser, or skips the test with what would bring one. */
  static ChromeDriver open(int width, int height) {
    Optional<Path> browser = BROWSERS.stream().flatMap(InstalledChromium::find).findFirst();
    Optional<Path> driver = find("chromedriver").findFirst();
    assumeTrue(
        browser.isPresent() && driver.isPresent(),
        "no Chromium with its driver is installed, so the page is not tried in a browser; Debian"
            + " and Ubuntu: apt-get install chromium chromium-driver");
    ChromeOptions options = new ChromeOptions();
    options.setBinary(browser.get().toFile());
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--enable-precise-memory-info",
        "--window-size=%d,%d".formatted(width, height));
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    options.setCapability(ChromeOptions.LOGGING_PREFS, logs);
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(driver.get().toFile())
            .usingAnyFreePort()
            .withEnvironment(Map.of())
            .build();
    return new ChromeDriver(service, options);
  }

  private static Stream<Path> find(String program) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable);
  }
}
