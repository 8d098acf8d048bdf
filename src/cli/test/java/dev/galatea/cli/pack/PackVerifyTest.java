package dev.galatea.cli.pack;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.galatea.cli.Main;
import dev.galatea.engine.guidance.GuidanceKind;
import dev.galatea.engine.guidance.GuidanceSpec;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.testing.PackCopy;
import dev.galatea.records.request.Request;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** {@code galatea pack verify}: good packs pass, and each way to break one is found out. */
class PackVerifyTest {
  private static final Path LEADING = Path.of("src/engine/test/resources/packs/leading");
  private static final Path TINY = Path.of("src/engine/test/resources/packs/tiny");
  private static final Path REDUCED = Path.of("src/engine/test/resources/packs/reduced");
  private static final Path COLOUR = Path.of("src/engine/test/resources/packs/colour");
  private static final Path BROKEN = Path.of("src/engine/test/resources/packs/broken");

  /** {@code python -m galatea_export random --reduced --precision fp16}. */
  private static final Path HALF = Path.of("src/engine/test/resources/packs/half");

  private static final Path ROUNDING = Path.of("src/engine/test/resources/packs/rounding/prior.pt");

  @TempDir private Path directory;

  @Test
  void everyNetworkAndGuidanceOfAGoodPackIsVerified() {
    Told told = verify(TINY);
    assertThat(told.status()).isZero();
    assertThat(told.lines())
        .contains("The pack is good.")
        .extracting(line -> line.split(" ", 2)[0])
        .contains("planes", "render", "perceptual", "identity", "lighting", "text")
        .contains("prior_encode", "prior", "encoder", "pose")
        .contains("reconstruction", "score-distillation", "illumination", "pull");
  }

  @Test
  void networksThatSayWherePromptsBeginAreVerifiedToo() {
    Told told = verify(copyThatLeads());
    assertThat(told.status()).as(told.text()).isZero();
    assertThat(told.lines())
        .extracting(line -> line.split(" ", 2)[0])
        .contains("mapping", "latent_mapper");
  }

  @Test
  void faceDNeRFsOwnArchitecturesPass() {
    Told told = verify(REDUCED);
    assertThat(told.status()).as(told.text()).isZero();
    assertThat(told.text())
        .contains("reconstruction", "identity", "score-distillation", "illumination");
  }

  /** fp16 bears gradients as small as a guidance's, and none of the order of 1. */
  @Test
  void aGeneratorInFp16Passes() throws IOException {
    PackCopy.copy(REDUCED, directory);
    for (String name : List.of("planes.pt", "render.pt")) {
      PackCopy.replace(directory, name, Files.readAllBytes(HALF.resolve(name)));
    }
    Told told = verify(directory, "--tolerance", "0.01");
    assertThat(told.status()).as(told.text()).isZero();
  }

  /** A high guidance scale multiplies what predictions are rounded by, in a batch and alone. */
  @Test
  void roundingThatTheGuidanceScaleMultipliesIsNotTakenForMixedRows() throws IOException {
    PackCopy.copy(TINY, directory);
    PackCopy.replace(directory, "prior.pt", Files.readAllBytes(ROUNDING));
    PackCopy.edit(
        directory, manifest -> manifest.withObject("/defaults").put("guidance_scale", 1000.0));
    Told told = verify(directory, "--tolerance", "0.01");
    assertThat(told.status()).as(told.text()).isZero();
  }

  @Test
  void figuresAreAlsoThereForMachines() throws IOException {
    Told told = verify(TINY, "--format", "json", "--rows", "2");
    JsonNode report = new ObjectMapper().readTree(told.text());
    assertThat(told.status()).isZero();
    assertThat(report.path("good").booleanValue()).isTrue();
    assertThat(report.path("networks")).hasSize(10).allSatisfy(PackVerifyTest::isOfOneAndTwoRows);
    assertThat(report.path("guidances"))
        .hasSize(GuidanceKind.values().length)
        .allSatisfy(PackVerifyTest::isOfOneAndTwoRows)
        .allSatisfy(guidance -> assertThat(guidance.path("gradient").doubleValue()).isPositive());
    assertThat(report.at("/networks/0/batches/0/with_backward_ms").doubleValue()).isPositive();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          nan          | network 'lighting' returns numbers that are not finite
          nan-gradient | the gradient at the input of network 'lighting' is not finite in row 1 of 1
          no-gradient  | network 'lighting' cannot be differentiated: element 0 of tensors does not require grad
          flat         | the gradient at the input of network 'lighting' is all 0 in row 1 of 1; it must be finite
          mixing       | from the same row alone; at most 0.001 is right. Save it in eval mode
          one-row      | network 'lighting' does not run on 3 rows of what the manifest promises it: RuntimeError: shape
          """)
  void aNetworkThatBreaksTheContractIsToldWithTheReason(String network, String reason)
      throws IOException {
    PackCopy.copy(TINY, directory);
    PackCopy.replace(directory, "lighting.pt", Files.readAllBytes(BROKEN.resolve(network + ".pt")));
    Told told = verify(directory);
    assertThat(told.status()).isOne();
    assertThat(told.lines())
        .filteredOn(line -> line.contains("WRONG"))
        .singleElement()
        .satisfies(line -> assertThat(line).startsWith("lighting ").contains(reason));
    assertThat(told.lines()).contains("The pack is not good: 1 thing is wrong.");
  }

  @Test
  void aGuidanceThatThePackBringsIsVerifiedAsTheOthers() throws IOException {
    for (GuidanceSpec.View view : GuidanceSpec.View.values()) {
      Path pack = copyWithColour(view, "colour");
      Told told = verify(pack, "--format", "json");
      assertThat(told.status()).as(told.text()).isZero();
      JsonNode report = new ObjectMapper().readTree(told.text());
      JsonNode network = report.path("networks").get(report.path("networks").size() - 1);
      assertThat(network.path("network").asText()).isEqualTo("colour");
      assertThat(network.path("file_bytes").intValue()).isPositive();
      assertThat(network.at("/batches/1/with_backward_ms").doubleValue()).isPositive();
      JsonNode guidance = report.path("guidances").get(report.path("guidances").size() - 1);
      assertThat(guidance.path("guidance").asText()).isEqualTo("colour");
      assertThat(guidance.path("request").asText()).isEqualTo("light");
      assertThat(guidance.path("gradient").doubleValue()).isPositive();
      assertThat(guidance.path("rows_differ").doubleValue()).isBetween(0.0, 1e-3);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          mixing      | network 'colour' mixes rows
          flat        | the gradient at the input of network 'colour' is all 0 in row 1 of 1
          per-channel | network 'colour' returns (1, 3) for 1 rows; the manifest promises (1)
          """)
  void aGuidancesNetworkThatBreaksTheContractIsToldWithTheReason(String network, String reason)
      throws IOException {
    Told told = verify(copyWithColour(GuidanceSpec.View.SOURCE, network));
    assertThat(told.status()).isOne();
    assertThat(told.lines())
        .filteredOn(line -> line.contains("WRONG"))
        .singleElement()
        .satisfies(line -> assertThat(line).startsWith("colour ").contains(reason));
  }

  private Path copyWithColour(GuidanceSpec.View view, String network) throws IOException {
    Path pack = PackCopy.copy(TINY, Files.createTempDirectory(directory, "colour"));
    PackCopy.addGuidance(
        pack, "colour", COLOUR.resolve(network + ".pt"), view, Map.of(Request.Kind.LIGHT, 0.5));
    return pack;
  }

  @Test
  void aNetworkOfAnotherShapeIsToldAndTheOthersAreStillVerified() throws IOException {
    PackCopy.copy(TINY, directory);
    PackCopy.replace(directory, "identity.pt", Files.readAllBytes(TINY.resolve("lighting.pt")));
    Told told = verify(directory);
    assertThat(told.status()).isOne();
    assertThat(told.text())
        .contains("network 'identity' returns (1, 9) for 1 rows; the manifest promises (1, 8)");
    assertThat(told.lines()).anyMatch(line -> line.startsWith("pose "));
  }

  @Test
  void everyDamagedFileIsNamedAndNothingIsLoaded() throws IOException {
    PackCopy.copy(TINY, directory);
    for (String name : List.of("render.pt", "text.pt")) {
      byte[] content = Files.readAllBytes(directory.resolve(name));
      content[content.length / 2] ^= 1;
      Files.write(directory.resolve(name), content);
    }
    Told told = verify(directory);
    assertThat(told.status()).isOne();
    assertThat(told.lines())
        .filteredOn(line -> line.contains("WRONG"))
        .hasSize(2)
        .allMatch(line -> line.contains("it is not loaded"))
        .anyMatch(line -> line.contains("render.pt has sha256"))
        .anyMatch(line -> line.contains("text.pt has sha256"));
    assertThat(told.text()).doesNotContain("Loaded");
  }

  @Test
  void aGuidanceThatBreaksBetweenSoundNetworksIsTold() {
    PackCopy.copy(TINY, directory);
    ByteBuffer negative = ByteBuffer.allocate(4000).order(ByteOrder.LITTLE_ENDIAN);
    while (negative.hasRemaining()) {
      negative.putFloat(-1);
    }
    PackCopy.replace(directory, "alphas_cumprod.f32", negative.array());
    Told told = verify(directory);
    assertThat(told.status()).isOne();
    assertThat(told.text())
        .contains("guidance score-distillation breaks at its first step")
        .contains("the loss of score-distillation is NaN");
  }

  @Test
  void aDirectoryThatIsNoPackIsToldWithoutAStackTrace() {
    Told told = verify(directory);
    assertThat(told.status()).isOne();
    assertThat(told.text())
        .contains("does not exist; a pack is a directory with a pack.json")
        .doesNotContain("Exception");
  }

  @Test
  void whatWasNotVerifiedInTimeCountsAsWrong() {
    StringWriter text = new StringWriter();
    PackReport report = new PackReport(new PrintWriter(text));
    new PackVerification(TINY, "cpu", 3, 1e-3, 1, report).run(Duration.ZERO);
    assertThat(report.isGood()).isFalse();
    assertThat(text.toString()).contains("was not verified: the time was up");
  }

  @Test
  void boundsOfOptionsAreTold() {
    assertThat(verify(TINY, "--rows", "1").text()).contains("--rows is 2 to 64, not 1");
    assertThat(pack(List.of("verify", TINY.toString(), "--runs", "0")).text())
        .contains("--runs is 1 to 1000, not 0");
    assertThat(verify(TINY, "--tolerance", "0").status()).isEqualTo(2);
    assertThat(verify(TINY, "--time-limit", "0").status()).isEqualTo(2);
    assertThat(verify(TINY, "--device", "gpu:97").text()).contains("there is no device 'gpu:97'");
  }

  private static void isOfOneAndTwoRows(JsonNode tried) {
    assertThat(tried.path("batches"))
        .extracting(batch -> batch.path("rows").intValue())
        .containsExactly(1, 2);
    assertThat(tried.path("rows_differ").doubleValue()).isBetween(0.0, 1e-3);
  }

  /** Verifies, measuring everything once: these tests ask what is wrong, not how long it takes. */
  private static Told verify(Path pack, String... options) {
    List<String> arguments = new ArrayList<>(List.of("verify", pack.toString(), "--runs", "1"));
    arguments.addAll(List.of(options));
    return pack(arguments);
  }

  private static Told pack(List<String> arguments) {
    StringWriter text = new StringWriter();
    CommandLine commandLine =
        Main.commandLine().setOut(new PrintWriter(text, true)).setErr(new PrintWriter(text, true));
    List<String> command = new ArrayList<>(List.of("pack"));
    command.addAll(arguments);
    int status = commandLine.execute(command.toArray(String[]::new));
    return new Told(status, text.toString());
  }

  private record Told(int status, String text) {
    List<String> lines() {
      return text.lines().toList();
    }
  }

  /** A copy of the tiny pack with the networks that say where prompts begin. */
  private Path copyThatLeads() {
    PackCopy.copy(TINY, directory);
    PackCopy.edit(directory, manifest -> manifest.putObject("mapping").put("width", 2));
    for (Network network : List.of(Network.MAPPING, Network.LATENT_MAPPER)) {
      PackCopy.addNetwork(directory, network, LEADING.resolve(network.key() + ".pt"));
    }
    return directory;
  }
}
