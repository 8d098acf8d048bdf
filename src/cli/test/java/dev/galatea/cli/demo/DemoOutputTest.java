package dev.galatea.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.galatea.cli.UserError;
import dev.galatea.cli.requests.RequestFile;
import dev.galatea.cli.terminal.PictureFolder;
import dev.galatea.engine.picture.PictureFiles;
import dev.galatea.engine.picture.WholePicture;
import dev.galatea.records.HeadCrop;
import dev.galatea.records.Picture;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoOutputTest {
  private static final int SIZE = 8;

  @TempDir private Path directory;

  private final DemoRecord journal =
      new DemoRecord(100, List.of(new RequestFile.BrokenLine(4, "not JSON")));

  @Test
  void theReportHasTheAgreedForm() throws IOException {
    Demonstration.fill(journal, PictureFolder.open(directory));
    JsonNode report = new ObjectMapper().readTree(DemoReport.of("maquette", journal).toJson());
    JsonNode expected =
        new ObjectMapper()
            .readTree(
                """
                {"pack":"maquette","requests":{"sent":2,"completed":1,"rejected":1},
                 "first_preview_ms":4000,"identity_steps":100,"identity_steps_per_s":20.0,
                 "identities":[{"identity":"ada","version":3,"requests":[
                   {"request_id":"r1","kind":"image","steps":100,"version":3,
                    "scores":{"reconstruction":0.5},
                    "views":[{"yaw":0.0,"pitch":0.0,"file":"ada/v0003_yaw+0.00.png"},
                             {"yaw":-0.35,"pitch":0.0,"file":"ada/v0003_yaw-0.35.png"}]}]}],
                 "rejects":[{"request_id":"r2","reason":"CORRUPT_IMAGE","message":"torn"}],
                 "broken_lines":[{"line":4,"message":"not JSON"}]}
                """);
    // Through text, since a float and a double of one literal are different nodes.
    assertThat(report.toString()).isEqualTo(expected.toString());
  }

  @Test
  void theSheetShowsEachRequestsMostFrontalPicture() throws IOException {
    PictureFolder folder = PictureFolder.open(directory);
    Demonstration.fill(journal, folder);
    BufferedImage sheet = sheet();
    assertThat(count(sheet, Demonstration.FRONT)).isGreaterThan(150 * 150);
    assertThat(count(sheet, Demonstration.SIDE)).isGreaterThan(60 * 60).isLessThan(100 * 100);
  }

  @Test
  void theSheetShowsAPhotographWholeAndTheCropBesideIt() throws IOException {
    PictureFolder folder = PictureFolder.open(directory);
    Demonstration.fill(journal, folder);
    int without = sheet().getWidth();
    // 100 × 50 pixels of green, and in them a magenta square of 20 pixels that is cut out.
    WholePicture photograph = Demonstration.photograph();
    HeadCrop crop =
        new HeadCrop(
            List.of(
                new HeadCrop.Point(60, 10),
                new HeadCrop.Point(80, 10),
                new HeadCrop.Point(80, 30),
                new HeadCrop.Point(60, 30)),
            1);
    journal.photo("ada", SheetPhoto.of(photograph, 192).with(photograph, crop, 192));

    BufferedImage sheet = sheet();

    assertThat(sheet.getWidth()).isEqualTo(without + 192 + 12);
    assertThat(count(sheet, Demonstration.GREEN)).isBetween(192 * 96 * 3 / 4L, 192 * 96L);
    assertThat(count(sheet, Demonstration.MAGENTA)).isGreaterThan(180 * 180);
  }

  @Test
  void aRefusalOnTheSheetTellsItsMessage() throws IOException {
    Demonstration.refuse(journal, "x");
    long few = count(sheet(), 0x222222);
    Demonstration.refuse(journal, "no face was found: send a picture of one");
    assertThat(count(sheet(), 0x222222)).isGreaterThan(2 * few);
  }

  private BufferedImage sheet() throws IOException {
    return ImageIO.read(new ByteArrayInputStream(ContactSheet.draw(directory, journal)));
  }

  @Test
  void ofMoreAnswersThanTheLimitTheLatestAreRememberedAndAllCounted() {
    DemoRecord small = new DemoRecord(2, List.of());
    for (int version = 1; version <= 5; version++) {
      small.completed(
          Demonstration.render(version), "photo", List.of(), Duration.ofSeconds(version));
    }
    assertThat(small.completed()).isEqualTo(5);
    assertThat(small.entries("ada"))
        .extracting(entry -> ((DemoRecord.CompletedRequest) entry).version())
        .containsExactly(4L, 5L);
  }

  @Test
  void anIdentityNeverLeavesTheDirectory() throws IOException {
    assertThat(PictureFolder.directoryName("../../etc")).doesNotContain("/").startsWith("%2E");
    assertThat(PictureFolder.directoryName("head-1.b")).isEqualTo("head-1.b");
    assertThat(PictureFolder.directoryName("Ä".repeat(500))).hasSizeLessThan(200);
    assertThat(PictureFolder.directoryName("a/b"))
        .isNotEqualTo(PictureFolder.directoryName("a%2Fb"));
  }

  @Test
  void aDirectoryThatCannotBeWrittenIsNamed() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "in the way");
    assertThatThrownBy(() -> PictureFolder.open(file.resolve("out")))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("--out");
  }

  private static long count(BufferedImage image, int rgb) {
    return Arrays.stream(
            image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth()))
        .filter(pixel -> (pixel & 0xffffff) == rgb)
        .count();
  }

  /** One photo done, one refused. */
  private static final class Demonstration {
    static final int FRONT = 0xff0000;
    static final int SIDE = 0x0000ff;
    static final int GREEN = 0x00ff00;
    static final int MAGENTA = 0xff00ff;

    static void fill(DemoRecord journal, PictureFolder folder) throws IOException {
      journal.sent("ada", Duration.ofSeconds(3));
      journal.preview(Duration.ofSeconds(4));
      journal.sent("ben", Duration.ofSeconds(5));
      Render render = render(3);
      journal.completed(render, "photo", folder.write(render), Duration.ofSeconds(8));
      refuse(journal, "torn");
    }

    static void refuse(DemoRecord journal, String message) {
      journal.rejected(
          new Reject(
              Optional.of("ben"),
              Optional.of("r2"),
              Reject.Reason.CORRUPT_IMAGE,
              message,
              new byte[0],
              false,
              Optional.empty(),
              Optional.empty()),
          "ben",
          "photo");
    }

    static WholePicture photograph() {
      byte[] rgb = new byte[3 * 100 * 50];
      for (int i = 0; i < rgb.length; i++) {
        int x = i / 3 % 100;
        int y = i / 300;
        int colour = x >= 60 && x < 80 && y >= 10 && y < 30 ? MAGENTA : GREEN;
        rgb[i] = (byte) (colour >> (16 - 8 * (i % 3)));
      }
      return new WholePicture(100, 50, rgb, 1);
    }

    static Render render(long version) {
      return new Render(
          "ada",
          "r1",
          Render.Kind.IMAGE,
          version,
          Render.Stage.FINAL,
          100,
          100,
          false,
          Map.of("reconstruction", 0.5f),
          List.of(view(0, FRONT), view(-0.35f, SIDE)),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          Optional.empty(),
          Instant.EPOCH,
          Instant.EPOCH);
    }

    private static Render.View view(float yaw, int colour) {
      byte[] rgb = new byte[3 * SIZE * SIZE];
      for (int i = 0; i < rgb.length; i++) {
        rgb[i] = (byte) (colour >> (16 - 8 * (i % 3)));
      }
      byte[] png = PictureFiles.encode(new Picture(SIZE, rgb), PictureFiles.Format.PNG, 1);
      return new Render.View(yaw, 0, "image/png", png);
    }
  }
}
