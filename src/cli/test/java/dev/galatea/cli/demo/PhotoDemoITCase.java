package dev.galatea.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.galatea.cli.Main;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code galatea demo --photo} with the maquette. */
class PhotoDemoITCase {
  private static final int LEFT = 420;
  private static final int TOP = 120;
  private static final int SIDE = 384;

  @TempDir private Path directory;

  @Test
  void aPhotographIsAlignedAndOneWithoutAFaceIsRefused() throws IOException {
    Path requests = Files.writeString(directory.resolve("requests.jsonl"), "# none\n");
    Path out = directory.resolve("out");
    int status =
        Main.commandLine()
            .execute(
                "demo",
                "--once",
                "--requests",
                requests.toString(),
                "--photo",
                photograph("me", true).toString(),
                photograph("wall", false).toString(),
                "--steps",
                "1",
                "--out",
                out.toString(),
                "--pack",
                "models/maquette");
    assertThat(status).isZero();

    JsonNode report = new ObjectMapper().readTree(out.resolve(DemoReport.FILE_NAME).toFile());
    assertThat(report.at("/identities/0/identity").asText()).isEqualTo("me");
    JsonNode photo = report.at("/identities/0/requests/0/photo");
    assertCorner(photo, 0, LEFT, TOP);
    assertCorner(photo, 2, LEFT + SIDE, TOP + SIDE);
    assertThat(photo.get("confidence").floatValue()).isBetween(0.9f, 1f);
    assertThat(photo.get("yaw").floatValue()).isCloseTo(-0.12f, within(0.1f));
    assertThat(report.at("/rejects/0/reason").asText()).isEqualTo("NO_FACE");
    assertThat(out.resolve(ContactSheet.FILE_NAME)).isNotEmptyFile();
  }

  private static void assertCorner(JsonNode photo, int corner, float x, float y) {
    JsonNode at = photo.get("corners").get(corner);
    assertThat(at.get(0).floatValue()).isCloseTo(x, within(0.1f * SIDE));
    assertThat(at.get(1).floatValue()).isCloseTo(y, within(0.1f * SIDE));
  }

  /** The sample set's second portrait, of yaw -0.12, somewhere on a wall, or the wall alone. */
  private Path photograph(String name, boolean somebody) throws IOException {
    BufferedImage image = new BufferedImage(1200, 900, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(new Color(198, 192, 184));
    graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
    if (somebody) {
      try (var file = Main.class.getResourceAsStream("samples/head-2.png")) {
        graphics.drawImage(ImageIO.read(file), LEFT, TOP, SIDE, SIDE, null);
      }
    }
    graphics.dispose();
    Path file = directory.resolve(name + ".png");
    ImageIO.write(image, "png", file.toFile());
    return file;
  }
}
