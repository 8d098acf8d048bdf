package dev.galatea.records.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.galatea.records.Camera;
import dev.galatea.records.EncodedImage;
import dev.galatea.records.HeadCrop;
import dev.galatea.records.Header;
import dev.galatea.records.Image;
import dev.galatea.records.PackId;
import dev.galatea.records.Picture;
import dev.galatea.records.RecordHeader;
import dev.galatea.records.SphericalHarmonics;
import dev.galatea.records.format.ValueFormat;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.LightingEdit;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Reject.Reason;
import dev.galatea.records.result.Render;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageEncoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WireTest {
  private static final Header.Origin ORIGIN =
      new Header.Origin(
          "avatar.prompts", 3, 14, List.of(new RecordHeader("traceparent", new byte[] {1, 2})));
  private static final Picture PICTURE = new Picture(1, new byte[] {1, 2, 3});

  @Property
  void carriedRequestsComeBackAsTheyWent(@ForAll("requests") Request request)
      throws InvalidRequest {
    assertSame(CarriedWire.decode(CarriedWire.encode(request)), request);
  }

  @Test
  void topicsTakePublicSchemasOnly() {
    FaceImage face = FaceImage.aligned(header(Optional.of(ORIGIN)), PICTURE, Optional.empty());

    assertInvalid(
        CarriedWire.encode(face), Reason.UNDECODABLE, "a request is a FaceImage, a Prompt or a");
  }

  @Test
  void aDecodedPictureHasNoPublicForm() {
    FaceImage face = FaceImage.aligned(header(Optional.empty()), PICTURE, Optional.empty());

    assertThatThrownBy(() -> Wire.encode(face))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("encode it as a PNG, JPEG or WebP file first");
  }

  @Property
  void rendersComeBackAsTheyWent(@ForAll("renders") Render render) throws InvalidRequest {
    Render read = Wire.decodeRender(Wire.encode(render));

    assertThat(read).usingRecursiveComparison().isEqualTo(render);
  }

  @Property
  void rejectsComeBackAsTheyWent(
      @ForAll Reason reason, @ForAll String message, @ForAll byte[] payload, @ForAll boolean cut)
      throws InvalidRequest {
    Optional<String> name = cut ? Optional.empty() : Optional.of("ada");
    Optional<Header.Origin> origin = cut ? Optional.empty() : Optional.of(ORIGIN);
    Optional<byte[]> key = cut ? Optional.of(payload) : Optional.empty();
    Reject reject =
        new Reject(
            name, name, reason, message.replaceAll("\\p{Cs}", ""), payload, cut, origin, key);

    Reject read = Wire.decodeReject(Wire.encode(reject));

    assertThat(read).usingRecursiveComparison().isEqualTo(reject);
  }

  @Property(tries = 300)
  void aRejectIsCutUntilItFits(
      @ForAll Reason reason,
      @ForAll @StringLength(max = 3000) String text,
      @ForAll @Size(max = 5000) byte[] payload,
      @ForAll @IntRange(min = 1024, max = 8000) int maxBytes)
      throws Exception {
    Header header = new Header(text, text, Instant.EPOCH, Optional.empty(), Optional.of(ORIGIN));
    Reject reject =
        Reject.of(new InvalidRequest(reason, text).in(header), payload, 4000, header.origin());

    byte[] bytes = ValueFormat.SINGLE_OBJECT.encode(reject, maxBytes);

    assertThat(bytes).hasSizeLessThanOrEqualTo(maxBytes);
    Reject read = Wire.decodeReject(bytes);
    assertThat(read.reason()).isEqualTo(reason);
    assertThat(read.origin().orElseThrow()).hasToString(ORIGIN.toString());
    assertThat(read.truncated() || read.payload().length == payload.length).isTrue();
  }

  @Test
  void aTimeThatMillisecondsCannotTellIsWrittenAsTheNearest() throws InvalidRequest {
    for (Instant far : List.of(Instant.MIN, Instant.MAX)) {
      Header header = new Header("ada", "1", far, Optional.empty(), Optional.empty());
      Request read = Wire.decodeRequest(Wire.encode(new Prompt(header, "smiling", "", 1)));
      assertThat(read.header().occurredAt().toEpochMilli())
          .isEqualTo(far.equals(Instant.MIN) ? Long.MIN_VALUE : Long.MAX_VALUE);
    }
  }

  @Property
  void arbitraryBytesAreInvalidAndNothingElse(@ForAll byte[] bytes) {
    assertThatThrownBy(() -> Wire.decodeRequest(bytes)).isInstanceOf(InvalidRequest.class);
  }

  @Property(tries = 3000)
  void damagedRequestsAreReadOrInvalidAndNothingElse(
      @ForAll("requests") Request request, @ForAll("damages") Consumer<byte[]> damage) {
    byte[] bytes = CarriedWire.encode(request);
    damage.accept(bytes);
    try {
      assertThat(CarriedWire.decode(bytes)).isNotNull();
    } catch (InvalidRequest e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }

  @Property(tries = 200)
  void everyPrefixOfARequestIsUndecodable(@ForAll("requests") Request request) {
    byte[] bytes = CarriedWire.encode(request);
    for (int length = 0; length < bytes.length; length++) {
      byte[] prefix = Arrays.copyOf(bytes, length);
      assertInvalid(prefix, Reason.UNDECODABLE, "");
    }
  }

  @Test
  void bytesAfterTheRecordAreUndecodable() {
    byte[] bytes = Wire.encode(prompt());

    assertInvalid(Arrays.copyOf(bytes, bytes.length + 1), Reason.UNDECODABLE, "left over");
  }

  @Test
  void aLengthThatTheBytesDoNotFillAllocatesNothing() {
    byte[] huge = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xfe, -1, -1, -1, 15};
    System.arraycopy(Wire.encode(prompt()), 0, huge, 0, 10);

    assertInvalid(huge, Reason.UNDECODABLE, "Prompt");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "00000000117b | this is Confluent's framing, with schema id 17",
        "4f626a010204 | this is an Avro container file",
        "0a7b226964656e74697479223a | this is JSON",
        "efbbbf5b5d | this is JSON",
        "01c3d98dc64e | the first two bytes are in the other order",
        "efbfbd01efbfbd | these bytes were made text and back",
        "c38301c399 | these bytes were made text and back",
        "777745 | this is base64 of a record",
        "63333031643938646336 | this is a record as hex",
        "ffd8ffe000104a464946 | this is a JPEG alone",
        "89504e470d0a1a0a | this is a PNG alone",
        "1f8b0800 | this is gzip",
        "61646120 | this is no Avro single-object encoding",
      })
  void aValueInAnotherFormIsRecognised(String hex, String message) {
    assertInvalid(HexFormat.of().parseHex(hex), Reason.UNDECODABLE, message);
  }

  @ParameterizedTest
  @CsvSource({
    "'', this is a Prompt without the ten bytes before it",
    "0000000011, 'this is Confluent''s framing, with schema id 17'",
  })
  void aRequestInAnotherFrameTellsWhoSentIt(String frame, String message) {
    byte[] bytes = Wire.encode(prompt());
    String body = HexFormat.of().formatHex(bytes, Wire.HEADER_BYTES, bytes.length);

    assertThatThrownBy(() -> Wire.decodeMessage(HexFormat.of().parseHex(frame + body)))
        .isInstanceOfSatisfying(
            InvalidRequest.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.UNDECODABLE);
              assertThat(e.identity()).hasValue("ada");
              assertThat(e.requestId()).hasValue("1");
            })
        .hasMessageContaining(message);
  }

  @Test
  void anEmptyValueIsTold() {
    assertInvalid(new byte[0], Reason.UNDECODABLE, "the value is empty");
  }

  @Test
  void aFingerprintInTheOtherOrderIsRecognised() {
    byte[] bytes = Wire.encode(prompt());
    for (int i = 0; i < 4; i++) {
      byte low = bytes[2 + i];
      bytes[2 + i] = bytes[9 - i];
      bytes[9 - i] = low;
    }

    assertInvalid(
        bytes, Reason.UNKNOWN_SCHEMA, "the bytes of Prompt's fingerprint are in the other order");
  }

  @Test
  void aBrokenRequestTellsWhoSentItWhereThatCanBeRead() {
    byte[] bytes = Wire.encode(prompt());
    for (byte[] broken :
        List.of(Arrays.copyOf(bytes, bytes.length - 3), Arrays.copyOf(bytes, bytes.length + 1))) {
      assertThatThrownBy(() -> Wire.decodeRequest(broken))
          .isInstanceOfSatisfying(
              InvalidRequest.class,
              e -> {
                assertThat(e.identity()).hasValue("ada");
                assertThat(e.requestId()).hasValue("1");
              });
    }
  }

  @Test
  void unknownFingerprintIsToldApart() {
    byte[] bytes = Wire.encode(prompt());
    bytes[5] ^= 1;

    assertInvalid(bytes, Reason.UNKNOWN_SCHEMA, "schemas/");
  }

  @Test
  void aRenderIsNoRequest() {
    Render render =
        new Render(
            "ada",
            "1",
            Render.Kind.IMAGE,
            1,
            Render.Stage.FINAL,
            1,
            1,
            false,
            Map.of(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Instant.EPOCH,
            Instant.EPOCH);

    assertInvalid(Wire.encode(render), Reason.UNDECODABLE, "a Render is no request");
    assertThatThrownBy(() -> Wire.decodeRender(Wire.encode(prompt())))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("a Prompt where a Render was expected");
  }

  @Test
  void aCameraOf24NumbersIsInvalidAndKeepsTheHeader() {
    byte[] bytes = face(record -> record.put("camera", floats(24)));

    assertInvalid(bytes, Reason.BAD_CAMERA, "has 25 numbers, not 24");
    assertThatThrownBy(() -> Wire.decodeRequest(bytes))
        .isInstanceOfSatisfying(
            InvalidRequest.class, e -> assertThat(e.identity()).hasValue("ada"));
  }

  @Test
  void anOrbitBecomesTheCameraThatStandsThere() throws InvalidRequest {
    byte[] bytes = face(record -> record.put("camera", orbit(0.3f, -0.2f)));

    FaceImage face = (FaceImage) Wire.decodeRequest(bytes);

    assertThat(face.camera()).hasValue(Camera.orbit(0.3f, -0.2f, 2.7f, 4.2647f));
  }

  @Test
  void anOrbitThatIsNotFiniteIsInvalid() {
    assertInvalid(
        face(record -> record.put("camera", orbit(Float.NaN, 0))), Reason.BAD_CAMERA, "±pi");
    assertInvalid(
        face(record -> record.put("camera", orbit(0, 2))), Reason.BAD_CAMERA, "pitch within ±pi/2");
  }

  @Test
  void aLightOf8NumbersIsInvalid() {
    assertInvalid(light(floats(8)), Reason.BAD_LIGHT, "has 9 numbers, not 8");
  }

  @Test
  void aDirectionBecomesSphericalHarmonics() throws InvalidRequest {
    LightingEdit edit = (LightingEdit) Wire.decodeRequest(light(direction(-1, 0.5f, 1, 1.2f)));

    assertThat(edit.light()).hasValue(SphericalHarmonics.directional(-1, 0.5f, 1, 1.2f, 0.25f));
  }

  @Test
  void aDirectionOfNoLengthOrStrengthBelowZeroIsInvalid() {
    assertInvalid(light(direction(0, 0, 0, 1)), Reason.BAD_LIGHT, "direction is finite and not 0");
    assertInvalid(light(direction(0, 0, 1, -1)), Reason.BAD_LIGHT, "not negative");
    assertInvalid(light(direction(Float.NaN, 0, 1, 1)), Reason.BAD_LIGHT, "finite");
  }

  @Test
  void aRequestInItsPublicSchemaLeavesTheOriginOut() throws InvalidRequest {
    Prompt prompt = new Prompt(header(Optional.of(ORIGIN)), "smiling", "", 1);

    assertThat(Wire.decodeRequest(Wire.encode(prompt)).header().origin()).isEmpty();
  }

  @Test
  void rejectKeepsNoMoreOfThePayloadThanItsBound() {
    Reject reject =
        Reject.of(new InvalidRequest(Reason.UNDECODABLE, "why"), new byte[9], 4, Optional.empty());

    assertThat(reject.payload()).hasSize(4);
    assertThat(reject.truncated()).isTrue();
  }

  @Test
  void aRequestInALogTellsNeitherItsIdentityNorItsWords() {
    assertThat(prompt().toString()).contains("request 1").doesNotContain("ada", "beard");
  }

  private static void assertInvalid(byte[] bytes, Reason reason, String message) {
    assertThatThrownBy(() -> Wire.decodeRequest(bytes))
        .isInstanceOfSatisfying(InvalidRequest.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(message);
  }

  private static void assertSame(Request read, Request written) {
    assertThat(read).usingRecursiveComparison().isEqualTo(written);
    assertThat(read).hasSameClassAs(written);
  }

  private static Prompt prompt() {
    return new Prompt(header(Optional.empty()), "with a beard", "", 1);
  }

  private static Header header(Optional<Header.Origin> origin) {
    return new Header("ada", "1", Instant.EPOCH, Optional.empty(), origin);
  }

  private static byte[] face(Consumer<GenericRecord> change) {
    GenericRecord record =
        RequestRecords.toRecord(
            FaceImage.aligned(
                header(Optional.empty()), new EncodedImage(new byte[1]), Optional.empty()));
    change.accept(record);
    return write(record);
  }

  private static byte[] light(Object light) {
    GenericRecord record =
        RequestRecords.toRecord(new LightingEdit(header(Optional.empty()), Optional.empty()));
    record.put("light", light);
    return write(record);
  }

  private static byte[] write(GenericRecord record) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      new BinaryMessageEncoder<GenericRecord>(GenericData.get(), record.getSchema())
          .encode(record, out);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toByteArray();
  }

  private static List<Float> floats(int count) {
    return RequestRecords.floats(new float[count]);
  }

  private static GenericRecord orbit(float yaw, float pitch) {
    Schema schema = Schemas.FACE_IMAGE.getField("camera").schema().getTypes().get(2);
    GenericRecord orbit = new GenericData.Record(schema);
    orbit.put("yaw", yaw);
    orbit.put("pitch", pitch);
    orbit.put("radius", 2.7f);
    orbit.put("focal", 4.2647f);
    return orbit;
  }

  private static GenericRecord direction(float x, float y, float z, float strength) {
    Schema schema = Schemas.LIGHTING_EDIT.getField("light").schema().getTypes().get(2);
    GenericRecord light = new GenericData.Record(schema);
    light.put("x", x);
    light.put("y", y);
    light.put("z", z);
    light.put("strength", strength);
    light.put("ambient", 0.25f);
    return light;
  }

  @Provide
  Arbitrary<Request> requests() {
    return Arbitraries.oneOf(faces(), prompts(), lights());
  }

  private Arbitrary<Request> faces() {
    Arbitrary<Image> files =
        Arbitraries.bytes().array(byte[].class).ofMaxSize(50).map(EncodedImage::new);
    Arbitrary<Image> pictures =
        Arbitraries.bytes().array(byte[].class).ofSize(27).map(rgb -> new Picture(3, rgb));
    Arbitrary<FaceImage> sent =
        Combinators.combine(
                headers(),
                Arbitraries.oneOf(files, pictures),
                cameras().optional(),
                Arbitraries.of(true, false))
            .as(
                (header, image, camera, aligned) ->
                    new FaceImage(header, image, camera, aligned, Optional.empty()));
    Arbitrary<FaceImage> cut =
        Combinators.combine(headers(), cameras(), crops())
            .as(
                (header, camera, crop) ->
                    FaceImage.photo(header, PICTURE).alignedTo(PICTURE, camera, crop));
    return Arbitraries.oneOf(sent, cut);
  }

  private static Arbitrary<Camera> cameras() {
    return Arbitraries.floats().array(float[].class).ofSize(Camera.COUNT).map(Camera::new);
  }

  private static Arbitrary<HeadCrop> crops() {
    Arbitrary<HeadCrop.Point> points =
        Combinators.combine(Arbitraries.floats(), Arbitraries.floats()).as(HeadCrop.Point::new);
    return Combinators.combine(points.list().ofSize(HeadCrop.CORNERS), Arbitraries.floats())
        .as(HeadCrop::new);
  }

  private Arbitrary<Request> prompts() {
    return Combinators.combine(headers(), text(), text(), Arbitraries.doubles()).as(Prompt::new);
  }

  private Arbitrary<Request> lights() {
    Arbitrary<SphericalHarmonics> light =
        Arbitraries.floats().array(float[].class).ofSize(9).map(SphericalHarmonics::new);
    return Combinators.combine(headers(), light.optional()).as(LightingEdit::new);
  }

  private static Arbitrary<Header> headers() {
    Arbitrary<Optional<Integer>> steps = Arbitraries.integers().optional().map(n -> n);
    Arbitrary<Instant> times =
        Arbitraries.longs().between(0, 4_000_000_000_000L).map(Instant::ofEpochMilli);
    return Combinators.combine(text(), text(), times, steps, Arbitraries.just(ORIGIN).optional())
        .as(Header::new);
  }

  /** Without lone surrogates, which no UTF-8 can hold. */
  private static Arbitrary<String> text() {
    return Arbitraries.strings().ofMaxLength(20).map(s -> s.replaceAll("\\p{Cs}", ""));
  }

  @Provide
  Arbitrary<Render> renders() {
    Arbitrary<Render.View> views =
        Combinators.combine(
                Arbitraries.floats(),
                Arbitraries.floats(),
                Arbitraries.of("image/png", "image/jpeg"),
                Arbitraries.bytes().array(byte[].class).ofMaxSize(20))
            .as(Render.View::new);
    Arbitrary<Render.Photo> photos = Combinators.combine(crops(), cameras()).as(Render.Photo::new);
    return Combinators.combine(
            text(),
            Arbitraries.of(Render.Kind.class),
            Arbitraries.of(Render.Stage.class),
            Arbitraries.longs().greaterOrEqual(1),
            Arbitraries.integers().greaterOrEqual(0),
            Arbitraries.maps(text(), Arbitraries.floats()).ofMaxSize(4),
            views.list().ofMaxSize(4),
            photos.optional())
        .as(
            (name, kind, stage, version, steps, scores, pictures, photo) ->
                new Render(
                    name,
                    name,
                    kind,
                    version,
                    stage,
                    steps,
                    steps,
                    steps % 2 == 0,
                    scores,
                    pictures,
                    photo,
                    Optional.empty(),
                    ORIGIN.headers(),
                    steps % 3 == 0 ? Optional.empty() : Optional.of(new PackId(name, steps, name)),
                    Instant.ofEpochMilli(version % 1000),
                    Instant.EPOCH));
  }

  @Provide
  Arbitrary<Consumer<byte[]>> damages() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 1 << 20),
            Arbitraries.bytes().list().ofMinSize(1).ofMaxSize(8))
        .as(
            (at, values) ->
                bytes -> {
                  for (int i = 0; i < values.size(); i++) {
                    // Behind the header, so that the body is read.
                    int body = bytes.length - 10;
                    bytes[10 + (at + i) % body] = values.get(i);
                  }
                });
  }
}
