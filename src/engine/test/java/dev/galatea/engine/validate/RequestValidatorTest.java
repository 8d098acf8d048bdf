package dev.galatea.engine.validate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.galatea.records.Camera;
import dev.galatea.records.EncodedImage;
import dev.galatea.records.Header;
import dev.galatea.records.Picture;
import dev.galatea.records.SphericalHarmonics;
import dev.galatea.records.Viewpoint;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.LightingEdit;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Request;
import dev.galatea.records.request.Request.Kind;
import dev.galatea.records.request.Understood;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.Reject.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestValidatorTest {
  private static final RequestLimits LIMITS = RequestLimits.defaults(16, EnumSet.allOf(Kind.class));

  private final RequestValidator validator =
      new RequestValidator(LIMITS, Vocabulary.ANY, Optional.empty());

  @Test
  void aFaceImageComesOutAsAPictureOfThePacksSize() throws Exception {
    Camera camera = Camera.orbit(0.2, 0.1, 2.7, 4.2647);
    FaceImage face =
        FaceImage.aligned(header("ada"), new EncodedImage(file()), Optional.of(camera));

    FaceImage valid = (FaceImage) validator.validate(face);

    assertThat(valid.image())
        .isInstanceOfSatisfying(Picture.class, p -> assertThat(p.size()).isEqualTo(16));
    assertThat(valid.camera()).hasValue(camera);
    assertThat(valid.header()).isEqualTo(face.header());
  }

  @Test
  void validRequestsPassUnchanged() throws InvalidRequest {
    Prompt prompt = new Prompt(header("Ada Lovelace / 1815 ü"), "with a beard", "blurry", 0);
    Prompt clearing = new Prompt(header("ada"), "", "", 1);
    LightingEdit dark = new LightingEdit(header("ada"), Optional.empty());

    assertThat(validator.validate(prompt)).isSameAs(prompt);
    assertThat(validator.validate(clearing)).isSameAs(clearing);
    assertThat(validator.validate(dark)).isSameAs(dark);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  ", "a\u0000b", "line\nbreak"})
  void aBlankOrControllingIdentityIsBad(String identity) {
    assertInvalid(prompt(header(identity)), Reason.BAD_IDENTITY, "1 to 256 bytes");
  }

  @Test
  void anIdentityIsMeasuredInBytes() throws InvalidRequest {
    assertThat(validator.validate(prompt(header("ü".repeat(128))))).isNotNull();
    assertInvalid(prompt(header("ü".repeat(128) + "x")), Reason.BAD_IDENTITY, "this one has 257");
  }

  @Test
  void aBlankOrLongRequestIdIsBad() {
    assertInvalid(prompt(header("ada", "", 1)), Reason.BAD_REQUEST_ID, "1 to 128 bytes");
    assertInvalid(
        prompt(header("ada", "x".repeat(129), 1)), Reason.BAD_REQUEST_ID, "this one has 129");
  }

  @ParameterizedTest
  @ValueSource(ints = {-5, 0, 1001, Integer.MAX_VALUE})
  void stepsOutOfRangeAreBad(int steps) {
    assertInvalid(prompt(header("ada", "1", steps)), Reason.BAD_STEPS, steps + " steps: 1 to 1000");
  }

  @Test
  void aLongPromptIsBadAndNotRepeated() {
    String text = "secret".repeat(100);

    assertInvalid(new Prompt(header("ada"), text, "", 1), Reason.BAD_PROMPT, "600 characters");
    assertInvalid(new Prompt(header("ada"), "", text, 1), Reason.BAD_PROMPT, "at most 500");
    assertThatThrownBy(() -> validator.validate(new Prompt(header("ada"), text, "", 1)))
        .message()
        .doesNotContain("secret", "ada");
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 10.1, Double.NaN, Double.POSITIVE_INFINITY})
  void aStrengthOutOfRangeIsBad(double strength) {
    assertInvalid(
        new Prompt(header("ada"), "smiling", "", strength), Reason.BAD_PROMPT, "from 0 to 10");
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.NEGATIVE_INFINITY, 64.5f, -64.5f})
  void aCoefficientOutOfRangeIsBad(float coefficient) {
    float[] light = new float[9];
    light[7] = coefficient;

    assertInvalid(
        new LightingEdit(header("ada"), Optional.of(new SphericalHarmonics(light))),
        Reason.BAD_LIGHT,
        "all 9 are finite and within ±64");
  }

  @ParameterizedTest
  @CsvSource({
    "3, NaN, all 25 are finite",
    "24, Infinity, all 25 are finite",
    "0, 1.1, is not rigid",
    "1, 0.1, is not rigid",
    "12, 0.5, '(0, 0, 0, 1)'",
    "15, 0, '(0, 0, 0, 1)'",
    "16, 0, above 0",
    "20, -4, above 0",
    "18, 1.5, in the picture",
    "19, 0.2, upper triangular",
    "24, 2, upper triangular",
  })
  void aCameraThatIsNoneIsBad(int index, float value, String message) {
    assertInvalid(face(camera -> camera[index] = value), Reason.BAD_CAMERA, message);
  }

  @Test
  void aTimeThatReadersDoNotKnowIsBad() throws InvalidRequest {
    for (long ms : new long[] {Long.MIN_VALUE, -1, 253_402_300_800_000L, Long.MAX_VALUE}) {
      Header header =
          new Header("ada", "1", Instant.ofEpochMilli(ms), Optional.empty(), Optional.empty());
      assertInvalid(prompt(header), Reason.BAD_TIMESTAMP, "milliseconds since 1970");
    }
    assertInvalid(
        prompt(new Header("ada", "1", Instant.MAX, Optional.empty(), Optional.empty())),
        Reason.BAD_TIMESTAMP,
        "up to the year 9999");
    Header last =
        new Header(
            "ada",
            "1",
            Instant.ofEpochMilli(253_402_300_799_999L),
            Optional.empty(),
            Optional.empty());
    assertThat(validator.validate(prompt(last))).isNotNull();
  }

  @Test
  void aMirroredCameraIsBad() {
    assertInvalid(
        face(
            camera -> {
              camera[0] = -1;
            }),
        Reason.BAD_CAMERA,
        "determinant 1");
  }

  @Test
  void tooManyBytesAreRefusedBeforeTheyAreLookedAt() {
    EncodedImage image = new EncodedImage(new byte[LIMITS.images().maxBytes() + 1]);

    assertInvalid(
        FaceImage.aligned(header("ada"), image, Optional.empty()),
        Reason.IMAGE_TOO_LARGE,
        "8388609 bytes: at most 8388608");
  }

  @Test
  void aPictureOfAnotherSizeIsRefused() {
    assertInvalid(
        FaceImage.aligned(header("ada"), new Picture(2, new byte[12]), Optional.empty()),
        Reason.UNSUPPORTED_IMAGE,
        "send a PNG, JPEG or WebP file");
  }

  @Test
  void aKindThatThePackLacksIsRefused() {
    RequestValidator lightless =
        new RequestValidator(
            RequestLimits.defaults(16, EnumSet.of(Kind.IMAGE)), Vocabulary.ANY, Optional.empty());

    assertThatThrownBy(() -> lightless.validate(prompt(header("ada"))))
        .isInstanceOfSatisfying(
            InvalidRequest.class,
            e -> assertThat(e.reason()).isEqualTo(Reason.GUIDANCE_NOT_IN_PACK))
        .hasMessageContaining("it has them for [IMAGE]");
  }

  @Test
  void aTextOfWhichNothingIsUnderstoodIsRefusedWithWhatIs() throws InvalidRequest {
    RequestValidator beards =
        new RequestValidator(LIMITS, new Words(List.of("beard", "glasses")), Optional.empty());
    Header header = header("ada");

    Prompt prompt = new Prompt(header, "a beard", "", 1);
    assertThat(beards.validate(prompt)).isSameAs(prompt);
    Prompt clearing = new Prompt(header, " ", "unicorn", 1);
    assertThat(beards.validate(clearing)).isSameAs(clearing);
    assertNotUnderstood(
        beards,
        new Prompt(header, "unicorn", "", 1),
        "nothing of the prompt: it knows beard, glasses");
    assertNotUnderstood(
        beards,
        new Prompt(header, "a beard", "unicorn", 1),
        "nothing of the negative text: it knows beard, glasses");
  }

  private static void assertNotUnderstood(
      RequestValidator validator, Prompt prompt, String message) {
    assertThatThrownBy(() -> validator.validate(prompt))
        .isInstanceOfSatisfying(
            InvalidRequest.class,
            e -> assertThat(e.reason()).isEqualTo(Reason.PROMPT_NOT_UNDERSTOOD))
        .message()
        .contains(message)
        .doesNotContain("unicorn");
  }

  /** Understands what names one of the words. */
  private record Words(List<String> examples) implements Vocabulary {
    @Override
    public boolean understands(String text) {
      return examples.stream().anyMatch(text::contains);
    }

    @Override
    public Optional<Understood> understood(String text) {
      return Optional.empty();
    }

    @Override
    public void close() {
      // Holds nothing.
    }
  }

  @Test
  void aLimitOfNothingIsRefused() {
    assertThatThrownBy(() -> RequestLimits.defaults(0, EnumSet.allOf(Kind.class)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("above 0");
  }

  private void assertInvalid(Request request, Reason reason, String message) {
    assertThatThrownBy(() -> validator.validate(request))
        .isInstanceOfSatisfying(
            InvalidRequest.class,
            e -> {
              assertThat(e.reason()).isEqualTo(reason);
              assertThat(e.requestId()).hasValue(request.header().requestId());
            })
        .hasMessageContaining(message);
  }

  private static FaceImage face(Consumer<float[]> change) {
    float[] camera = Camera.orbit(0, 0, 2.7, 4.2647).values().clone();
    change.accept(camera);
    return FaceImage.aligned(
        header("ada"), new EncodedImage(new byte[0]), Optional.of(new Camera(camera)));
  }

  private static Prompt prompt(Header header) {
    return new Prompt(header, "smiling", "", 1);
  }

  private static Header header(String identity) {
    return new Header(identity, "1", Instant.EPOCH, Optional.empty(), Optional.empty());
  }

  @Test
  void viewsOfItsOwnAreFewAndLieOnTheOrbit() throws Exception {
    assertThat(validator.validate(prompt(from(Collections.nCopies(16, Viewpoint.FRONTAL)))))
        .isNotNull();
    assertInvalid(
        prompt(from(Collections.nCopies(17, Viewpoint.FRONTAL))), Reason.BAD_CAMERA, "at most 16");
    for (float far : new float[] {4, -4, Float.NaN, Float.POSITIVE_INFINITY}) {
      assertInvalid(prompt(from(List.of(new Viewpoint(far, 0)))), Reason.BAD_CAMERA, "within ±pi");
      assertInvalid(
          prompt(from(List.of(new Viewpoint(0, far)))), Reason.BAD_CAMERA, "within ±pi/2");
    }
  }

  private static Header from(List<Viewpoint> views) {
    Header header = header("ada", "1", 8);
    return header.with(header.terms().from(views));
  }

  private static Header header(String identity, String requestId, int steps) {
    return new Header(identity, requestId, Instant.EPOCH, Optional.of(steps), Optional.empty());
  }

  private static byte[] file() throws IOException {
    try (InputStream file = RequestValidatorTest.class.getResourceAsStream("/images/exif-6.jpg")) {
      return file.readAllBytes();
    }
  }
}
