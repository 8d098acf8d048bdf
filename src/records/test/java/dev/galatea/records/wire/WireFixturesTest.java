package dev.galatea.records.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.galatea.records.Camera;
import dev.galatea.records.EncodedImage;
import dev.galatea.records.HeadCrop;
import dev.galatea.records.Header;
import dev.galatea.records.ImageReference;
import dev.galatea.records.PackId;
import dev.galatea.records.Picture;
import dev.galatea.records.Priority;
import dev.galatea.records.RecordHeader;
import dev.galatea.records.SphericalHarmonics;
import dev.galatea.records.Viewpoint;
import dev.galatea.records.request.Adopt;
import dev.galatea.records.request.Cancel;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.Forget;
import dev.galatea.records.request.LightingEdit;
import dev.galatea.records.request.Look;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Revert;
import dev.galatea.records.request.Understood;
import dev.galatea.records.result.Accepted;
import dev.galatea.records.result.AvatarViews;
import dev.galatea.records.result.Forgotten;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Reads records that were written by each version of each schema, as they lie on topics and in
 * savepoints. The files are never written again: a change that cannot read them is no evolution.
 */
class WireFixturesTest {
  private static final Path DIRECTORY = Path.of("src/records/test/resources/wire");
  private static final Header HEADER =
      new Header(
          "ada",
          "request-1",
          Instant.parse("2026-01-02T03:04:05.678Z"),
          Optional.of(80),
          Optional.empty());
  private static final Header.Origin ORIGIN = new Header.Origin("avatar.prompts", 3, 14);
  private static final Header.Origin SENT =
      new Header.Origin(
          "avatar.prompts", 3, 14, List.of(new RecordHeader("traceparent", new byte[] {1, 2})));
  private static final HeadCrop CROP =
      new HeadCrop(
          List.of(
              new HeadCrop.Point(10, 20),
              new HeadCrop.Point(50.5f, 10),
              new HeadCrop.Point(60.5f, 50.5f),
              new HeadCrop.Point(-20, 60.5f)),
          0.75f);
  private static final PackId PACK = new PackId("maquette", 14, "0123456789abcdef");
  private static final Understood UNDERSTOOD =
      new Understood(List.of("beard"), List.of("freckles"), List.of("red", "hair"));
  private static final byte[] FILE = "a file".getBytes(StandardCharsets.UTF_8);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "FaceImage-1",
        "Prompt-1",
        "LightingEdit-1",
        "CarriedRequest-1",
        "Render-1",
        "Reject-1",
        "FaceImage-2",
        "FaceImage-3",
        "FaceImage-4",
        "FaceImage-5",
        "Prompt-2",
        "Prompt-3",
        "LightingEdit-2",
        "LightingEdit-3",
        "CarriedRequest-2",
        "CarriedRequest-3",
        "CarriedRequest-4",
        "CarriedRequest-5",
        "Render-2",
        "Reject-2",
        "Render-3",
        "Render-4",
        "Render-5",
        "Revert-1",
        "Adopt-1",
        "Avatar-1",
        "Forget-1",
        "Accepted-1",
        "Forgotten-1",
        "Forgotten-2",
        "Cancel-1",
        "Look-1",
        "AvatarViews-1",
        "CarriedCommand-1"
      })
  void readsWhatEachVersionWrote(String name) throws Exception {
    byte[] bytes = Files.readAllBytes(DIRECTORY.resolve(name + ".avro"));

    Object read =
        switch (name) {
          case "CarriedRequest-1",
              "CarriedRequest-2",
              "CarriedRequest-3",
              "CarriedRequest-4",
              "CarriedRequest-5" ->
              CarriedWire.decode(bytes);
          case "Reject-1", "Reject-2" -> Wire.decodeReject(bytes);
          case "Render-1", "Render-2", "Render-3", "Render-4", "Render-5" ->
              Wire.decodeRender(bytes);
          case "CarriedCommand-1" -> CarriedWire.decodeMessage(bytes);
          case "Forget-1", "Cancel-1", "Revert-1", "Adopt-1", "Look-1" -> Wire.decodeMessage(bytes);
          case "Accepted-1" -> Wire.decodeAccepted(bytes);
          case "Forgotten-1", "Forgotten-2" -> Wire.decodeForgotten(bytes);
          case "AvatarViews-1" -> Wire.decodeViews(bytes);
          case "Avatar-1" -> Wire.decodeAvatar(bytes);
          default -> Wire.decodeRequest(bytes);
        };

    assertThat(read).usingRecursiveComparison().isEqualTo(records().get(name));
  }

  @Test
  void everyFileIsRead() throws IOException {
    try (var files = Files.list(DIRECTORY)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(
              records().keySet().stream().map(name -> name + ".avro").toList());
    }
  }

  private static Map<String, Object> records() {
    Map<String, Object> records = new LinkedHashMap<>();
    records.put(
        "FaceImage-1",
        FaceImage.aligned(
            HEADER, new EncodedImage(FILE), Optional.of(Camera.orbit(0.5, 0.25, 2.7, 4.2647))));
    records.put("Prompt-1", new Prompt(HEADER, "with a beard", "blurry", 1.5));
    records.put(
        "LightingEdit-1",
        new LightingEdit(
            HEADER, Optional.of(new SphericalHarmonics(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9}))));
    Header carried =
        new Header("ada", "request-1", HEADER.occurredAt(), HEADER.terms(), Optional.of(ORIGIN));
    records.put(
        "CarriedRequest-1",
        FaceImage.aligned(carried, new Picture(1, new byte[] {1, 2, 3}), Optional.empty()));
    records.put(
        "Render-1",
        render(
            Render.Kind.PROMPT, Optional.empty(), Optional.empty(), List.of(), Optional.empty()));
    records.put(
        "Reject-1",
        new Reject(
            Optional.of("ada"),
            Optional.empty(),
            Reject.Reason.BAD_REQUEST_ID,
            "a request id is 1 to 128 bytes",
            FILE,
            false,
            Optional.of(ORIGIN),
            Optional.empty()));
    records.put(
        "Reject-2",
        new Reject(
            Optional.of("ada"),
            Optional.of("request-1"),
            Reject.Reason.WRONG_KEY,
            "the key is the identity in quotation marks",
            FILE,
            false,
            Optional.of(SENT),
            Optional.of("\"ada\"".getBytes(StandardCharsets.UTF_8))));
    Header urgent = HEADER.with(HEADER.terms().by(HEADER.occurredAt().plusSeconds(5)));
    records.put("FaceImage-3", FaceImage.photo(urgent, new EncodedImage(FILE)));
    records.put("Prompt-2", new Prompt(urgent, "with a beard", "blurry", 1.5));
    records.put("LightingEdit-2", new LightingEdit(urgent, Optional.empty()));
    Header patient =
        HEADER.with(urgent.terms().at(Priority.LOW).from(List.of(new Viewpoint(-0.5f, 0.25f))));
    records.put("FaceImage-4", FaceImage.photo(patient, new EncodedImage(FILE)));
    records.put("Prompt-3", new Prompt(patient, "with a beard", "blurry", 1.5));
    records.put("LightingEdit-3", new LightingEdit(patient, Optional.empty()));
    records.put("CarriedRequest-4", new LightingEdit(patient.at(SENT), Optional.empty()));
    ImageReference reference = new ImageReference("s3://faces/ada.jpg", "0f".repeat(32), 123_456);
    records.put("FaceImage-5", FaceImage.photo(patient, reference));
    records.put(
        "CarriedRequest-5",
        FaceImage.aligned(
            urgent.at(SENT), reference, Optional.of(Camera.orbit(0.5, 0.25, 2.7, 4.2647))));
    records.put(
        "Accepted-1",
        new Accepted("ada", "request-1", 2, 17, 80, HEADER.occurredAt(), SENT.headers()));
    records.put("FaceImage-2", FaceImage.photo(HEADER, new EncodedImage(FILE)));
    Camera camera = Camera.orbit(0.5, 0.25, 2.7, 4.2647);
    records.put(
        "CarriedRequest-2",
        FaceImage.photo(HEADER.at(SENT), new EncodedImage(FILE))
            .alignedTo(new Picture(1, new byte[] {1, 2, 3}), camera, CROP));
    records.put(
        "CarriedRequest-3", new Prompt(urgent.at(SENT), "with a beard", "", 1).as(UNDERSTOOD));
    records.put(
        "Render-2",
        render(
            Render.Kind.IMAGE,
            Optional.of(new Render.Photo(CROP, camera)),
            Optional.empty(),
            SENT.headers(),
            Optional.empty()));
    records.put(
        "Render-3",
        render(
            Render.Kind.LIGHT,
            Optional.empty(),
            Optional.empty(),
            SENT.headers(),
            Optional.of(PACK)));
    records.put(
        "Render-4",
        render(
            Render.Kind.PROMPT,
            Optional.empty(),
            Optional.of(UNDERSTOOD),
            SENT.headers(),
            Optional.of(PACK)));
    records.put(
        "Render-5",
        render(
            Render.Kind.ADOPT, Optional.empty(), Optional.empty(), List.of(), Optional.of(PACK)));
    records.put("Avatar-1", avatar(camera));
    Header command =
        new Header("ada", "request-1", HEADER.occurredAt(), Optional.empty(), Optional.empty());
    records.put("Forget-1", new Forget(command));
    records.put("Cancel-1", new Cancel(command, "request-0"));
    records.put("Revert-1", new Revert(command, 6));
    records.put("Adopt-1", new Adopt(command, avatar(camera).known().orElseThrow()));
    records.put("Look-1", new Look(command, List.of(camera)));
    records.put(
        "AvatarViews-1",
        new AvatarViews(
            "ada",
            "request-1",
            7,
            Optional.of(PACK),
            List.of(new Render.View(0.35f, -0.1f, "image/png", FILE)),
            HEADER.occurredAt(),
            HEADER.occurredAt().plusMillis(12)));
    records.put("Forgotten-1", receipt(Optional.empty()));
    records.put("Forgotten-2", receipt(Optional.of(41L)));
    records.put("CarriedCommand-1", new Forget(command.at(ORIGIN)));
    return records;
  }

  private static Forgotten receipt(Optional<Long> lastCheckpoint) {
    return new Forgotten("ada", "request-1", 7, 2, HEADER.occurredAt(), lastCheckpoint);
  }

  private static LatestAvatar avatar(Camera camera) {
    return LatestAvatar.of(
        "ada",
        new LatestAvatar.Known(
            7,
            "request-1",
            new LatestAvatar.LatentMatrix(2, 3, new float[] {1, -2, 3, 0.5f, 0, 6}),
            Optional.of(PACK),
            Optional.of(camera),
            Optional.of(new LatestAvatar.PromptInForce("with a beard", "blurry", 1.5)),
            Optional.of(new SphericalHarmonics(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9})),
            Optional.of(new Render.View(0.35f, -0.1f, "image/png", FILE)),
            HEADER.occurredAt()));
  }

  private static Render render(
      Render.Kind kind,
      Optional<Render.Photo> photo,
      Optional<Understood> understood,
      List<RecordHeader> headers,
      Optional<PackId> pack) {
    return new Render(
        "ada",
        "request-1",
        kind,
        7,
        Render.Stage.FINAL,
        60,
        80,
        true,
        Map.of("identity", 0.25f),
        List.of(new Render.View(0.35f, -0.1f, "image/png", FILE)),
        photo,
        understood,
        headers,
        pack,
        HEADER.occurredAt(),
        HEADER.occurredAt().plusMillis(1234));
  }
}
