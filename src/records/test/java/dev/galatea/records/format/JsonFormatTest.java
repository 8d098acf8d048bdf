package dev.galatea.records.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.galatea.records.Camera;
import dev.galatea.records.EncodedImage;
import dev.galatea.records.Header;
import dev.galatea.records.ImageReference;
import dev.galatea.records.RecordHeader;
import dev.galatea.records.SphericalHarmonics;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.Forget;
import dev.galatea.records.request.LightingEdit;
import dev.galatea.records.request.Message;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Reject.Reason;
import dev.galatea.records.result.Render;
import dev.galatea.records.wire.AvroRecords;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonFormatTest {
  private static final JsonFormat ANY = new JsonFormat(Optional.empty());
  private static final JsonFormat PROMPTS = new JsonFormat(Optional.of("Prompt"));
  private static final String HEADER =
      "'identity': 'ada', 'request_id': '1', 'occurred_at': '2026-01-31T12:00:00Z'";

  @Property
  void recordsOfEverySchemaComeBackAsTheyWent(@ForAll("records") GenericRecord record)
      throws Exception {
    ValueFormat.Decoded decoded = ANY.decode(ANY.encode(record));

    assertThat(decoded.record()).isEqualTo(record);
    assertThat(decoded.writer()).isEqualTo(record.getSchema());
  }

  @Property
  void brokenValuesAreRejectedAndNothingElse(
      @ForAll("records") GenericRecord record,
      @ForAll @IntRange(max = 1 << 16) int at,
      @ForAll byte damage)
      throws Exception {
    byte[] value = ANY.encode(record);
    value[at % value.length] = damage;

    try {
      assertThat(ANY.decode(value).record()).isNotNull();
    } catch (InvalidRequest told) {
      assertThat(told.reason()).isIn(Reason.UNDECODABLE, Reason.UNKNOWN_SCHEMA);
    }
  }

  @Test
  void aPromptIsWrittenByHandWithWhatItNeeds() throws Exception {
    assertThat(message(PROMPTS, "{%s, 'text': 'wearing round glasses'}".formatted(HEADER)))
        .usingRecursiveComparison()
        .isEqualTo(new Prompt(header(), "wearing round glasses", "", 1));
  }

  @Test
  void theKindIsNamedWhereATopicTakesSeveral() throws Exception {
    assertThat(message(ANY, "{'type': 'Forget', %s}".formatted(HEADER)))
        .usingRecursiveComparison()
        .isEqualTo(new Forget(header()));
    assertInvalid(ANY, "{%s}".formatted(HEADER), Reason.UNDECODABLE, "the field type is missing");
    assertInvalid(
        PROMPTS,
        "{'type': 'Promt', %s}".formatted(HEADER),
        Reason.UNKNOWN_SCHEMA,
        "type names no schema: it is one of Accepted, Adopt, Avatar, AvatarViews");
  }

  @Test
  void aPictureIsBase64AndACameraItsAngles() throws Exception {
    String photo = "{'type': 'FaceImage', %s, 'image': 'AQID', 'camera': {'yaw': 0.3, 'pitch': 0}}";

    FaceImage face = (FaceImage) message(ANY, photo.formatted(HEADER));

    assertThat(((EncodedImage) face.image()).bytes()).containsExactly(1, 2, 3);
    assertThat(face.camera()).hasValue(Camera.orbit(0.3f, 0, 2.7f, 4.2647f));
    assertThat(face.aligned()).isFalse();
  }

  @Test
  void aPictureMayLieElsewhere() throws Exception {
    String photo =
        "{'type': 'FaceImage', %s, 'reference': {'uri': 's3://faces/a.jpg', 'sha256': '0f', 'size': 9}}";

    assertThat(((FaceImage) message(ANY, photo.formatted(HEADER))).image())
        .isEqualTo(new ImageReference("s3://faces/a.jpg", "0f", 9));
    assertInvalid(
        ANY,
        photo.formatted(HEADER).replace("'reference'", "'image': 'AQID', 'reference'"),
        Reason.BAD_REFERENCE,
        "the record has both an image and a reference to one: send one");
  }

  @Test
  void aLightIsADirectionNumbersOrNull() throws Exception {
    String light = "{'type': 'LightingEdit', %s, 'light': %s}";
    String direction = "{'x': -1, 'y': 0.5, 'z': 1, 'strength': 1.2}";

    assertThat(((LightingEdit) message(ANY, light.formatted(HEADER, direction))).light())
        .hasValue(SphericalHarmonics.directional(-1, 0.5f, 1, 1.2f, 0));
    assertThat(
            ((LightingEdit) message(ANY, light.formatted(HEADER, "[1,2,3,4,5,6,7,8,9]"))).light())
        .isPresent();
    assertThat(((LightingEdit) message(ANY, light.formatted(HEADER, "null"))).light()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "1769860800000",
    "'''2026-01-31T12:00:00Z'''",
    "'''2026-01-31T13:00:00+01:00'''",
  })
  void aTimeIsATextOrMilliseconds(String time) throws Exception {
    String prompt = "{'identity': 'ada', 'request_id': '1', 'occurred_at': %s, 'text': ''}";

    assertThat(message(PROMPTS, prompt.formatted(time)).header().occurredAt())
        .isEqualTo(Instant.parse("2026-01-31T12:00:00Z"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'text': '', 'promt': 1 | the field promt: there is no such field; a Prompt has identity, request_id",
        "'steps': 3 | the field text: it is missing",
        "'text': 7 | the field text: a text in quotation marks is wanted here",
        "'text': null | the field text: a text in quotation marks is wanted here",
        "'text': '', 'steps': 2.5 | the field steps: null or a whole number is wanted here",
        "'text': '', 'steps': 99999999999 | the field steps: the number is too large",
        "'text': '', 'strength': 1e999 | the field strength: the number is too large",
        "'text': '', 'strength': '1' | a number is wanted here, without quotation marks",
        "'text': '', 'deadline': 'soon' | the field deadline: this is no time such as 2026-01-31T12:00:00Z",
        "'text': '', 'text': '' | a field is there twice at line 1",
        "'text': ''} {} | something follows the JSON object",
        "'text': '' | this is no valid JSON at line 1",
        "'type': 'LightingEdit', 'light': [1, 'x'] | the field light.1: a number is wanted here",
        "'type': 'FaceImage', 'image': 'data:image/png;base64,AQID' | the field image: this is not base64",
        "'type': 'FaceImage', 'image': '', 'camera': {'yaw': 0} | the field camera.pitch: it is missing",
      })
  void aMistakeIsToldWithItsPlaceAndItsSender(String fields, String message) {
    String end = message.startsWith("this is no valid") ? "" : "}";

    assertInvalid(PROMPTS, "{%s, %s%s".formatted(HEADER, fields, end), Reason.UNDECODABLE, message);
    assertThatThrownBy(() -> message(PROMPTS, "{%s, %s%s".formatted(HEADER, fields, end)))
        .isInstanceOfSatisfying(
            InvalidRequest.class,
            e -> {
              assertThat(e.identity()).hasValue("ada");
              assertThat(e.requestId()).hasValue("1");
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[1] | this is JSON but no object",
        "ada | this is text or bytes but no object",
        "4f626a01 | this is text or bytes but no object",
      })
  void aValueInAnotherFormIsRecognised(String value, String message) {
    assertInvalid(PROMPTS, value, Reason.UNDECODABLE, message);
    assertInvalid(PROMPTS, value, Reason.UNDECODABLE, "galatea.kafka.format is json");
  }

  @Test
  void confluentsFramingIsRecognised() {
    assertInvalid(
        PROMPTS,
        "\0\0\0\0\u0011",
        Reason.UNDECODABLE,
        "this is Confluent's framing, with schema id 17 of a registry but no object");
  }

  @Test
  void deepNestingAndWordsOfTheSenderStayOutOfMessages() {
    String deep = "{%s, 'text': %s".formatted(HEADER, "[".repeat(100_000));

    assertInvalid(PROMPTS, deep, Reason.UNDECODABLE, "the field text");
    assertThatThrownBy(() -> message(PROMPTS, "{%s, 'text': secret".formatted(HEADER)))
        .hasMessageNotContaining("secret");
  }

  @Test
  void resultsAreReadableAndHalvesOfCharactersDoNoHarm() throws Exception {
    String prompt =
        new String(
            ANY.encode(AvroRecords.of(new Prompt(header(), "with \uD800 beard", "", 0.5))), UTF_8);

    assertThat(prompt)
        .isEqualTo(
            ("{'type':'Prompt','identity':'ada','request_id':'1','occurred_at':'2026-01-31T12:00:00Z',"
                    + "'steps':null,'deadline':null,'priority':'NORMAL','views':[],'text':'with ? beard','negative':'','strength':0.5}")
                .replace('\'', '"'));
  }

  @Property
  void aRejectFitsItsBound(
      @ForAll @Size(max = 5000) byte[] payload,
      @ForAll @IntRange(min = 1024, max = 9000) int maxBytes)
      throws Exception {
    Header header =
        header()
            .at(
                new Header.Origin(
                    "avatar.prompts",
                    3,
                    14,
                    List.of(new RecordHeader("traceparent", new byte[600]))));
    Reject reject =
        Reject.of(
            new InvalidRequest(Reason.UNDECODABLE, "x".repeat(300)).in(header),
            payload,
            4000,
            header.origin());

    byte[] value = ANY.encode(reject, maxBytes);

    assertThat(value.length).isLessThanOrEqualTo(maxBytes);
    assertThat(AvroRecords.reject(ANY.decode(value).record()).reason()).isEqualTo(reject.reason());
  }

  @Test
  void aLatestThatIsTooLargeLosesItsPicture() throws Exception {
    LatestAvatar avatar =
        LatestAvatar.of(
            "ada",
            new LatestAvatar.Known(
                1,
                "1",
                new LatestAvatar.LatentMatrix(1, 2, new float[] {1, 2}),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(new Render.View(0, 0, "image/png", new byte[900])),
                Instant.EPOCH));

    assertThat(latest(ANY.encode(avatar, 2000)).picture()).isPresent();
    assertThat(latest(ANY.encode(avatar, 1000)).picture()).isEmpty();
  }

  private static LatestAvatar.Known latest(byte[] value) throws Exception {
    return AvroRecords.avatar(ANY.decode(value).record()).known().orElseThrow();
  }

  private static Header header() {
    return new Header(
        "ada", "1", Instant.parse("2026-01-31T12:00:00Z"), Optional.empty(), Optional.empty());
  }

  private static Message message(JsonFormat format, String json)
      throws InvalidRequest, IOException {
    ValueFormat.Decoded decoded = format.decode(json.replace('\'', '"').getBytes(UTF_8));
    return AvroRecords.message(decoded.record(), decoded.writer());
  }

  private static void assertInvalid(JsonFormat format, String json, Reason reason, String message) {
    assertThatThrownBy(() -> message(format, json))
        .isInstanceOfSatisfying(InvalidRequest.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(message);
  }

  @Provide
  Arbitrary<GenericRecord> records() {
    return MadeRecords.any();
  }
}
