package dev.galatea.cli.refine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.galatea.cli.Main;
import dev.galatea.cli.demo.DemoReport;
import dev.galatea.engine.picture.PictureFiles;
import dev.galatea.records.Picture;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * FaceDNeRF's architectures, as {@code models/export} writes them, at a reduced size and with
 * random weights: EG3D, Stable Diffusion, ArcFace, LPIPS and DPR through Kafka and Flink.
 */
class ReducedPackITCase {
  private static final Path REDUCED = Path.of("src/engine/test/resources/packs/reduced");
  private static final String REQUESTS =
      """
      {"identity":"ada","image":"ada.png","aligned":true,"yaw":0.1,"pitch":0,"steps":2}
      {"identity":"ada","prompt":"a person with red hair","steps":2}
      {"identity":"ada","light":{"from":[-1,0.2,1],"strength":1.2,"ambient":0.35},"steps":2}
      """;

  @TempDir private Path directory;

  /** A row whose latent or loss is not finite would be rejected instead of completed. */
  @Test
  void aPhotoAPromptAndALightOfOneIdentityAreCarriedOut() throws IOException {
    Path requests = Files.writeString(directory.resolve("requests.jsonl"), REQUESTS);
    byte[] rgb = new byte[3 * 48 * 48];
    new Random(7).nextBytes(rgb);
    Files.write(
        directory.resolve("ada.png"),
        PictureFiles.encode(new Picture(48, rgb), PictureFiles.Format.PNG, 1));
    StringWriter errors = new StringWriter();
    CommandLine commandLine = Main.commandLine().setErr(new PrintWriter(errors, true));
    int status =
        commandLine.execute(
            "demo",
            "--once",
            "--requests",
            requests.toString(),
            "--pack",
            REDUCED.toString(),
            "--views",
            "0",
            "--out",
            directory.toString());
    assertThat(status).as(errors.toString()).isZero();

    JsonNode report = new ObjectMapper().readTree(directory.resolve(DemoReport.FILE_NAME).toFile());
    assertThat(report.at("/requests").toString())
        .isEqualTo("{\"sent\":3,\"completed\":3,\"rejected\":0}");
    assertThat(report.at("/identity_steps").asInt()).isEqualTo(6);
    assertScored(report, 0, "reconstruction", "identity");
    assertScored(report, 1, "score-distillation");
    assertScored(report, 2, "illumination");
  }

  private static void assertScored(JsonNode report, int request, String... guidances) {
    JsonNode scores = report.at("/identities/0/requests/" + request + "/scores");
    for (String guidance : guidances) {
      assertThat(scores.path(guidance).isNumber()).as("%s in %s", guidance, scores).isTrue();
      assertThat(scores.path(guidance).floatValue()).isFinite();
    }
  }
}
