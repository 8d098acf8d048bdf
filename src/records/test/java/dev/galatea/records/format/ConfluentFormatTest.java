package dev.galatea.records.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.galatea.records.Header;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.Reject.Reason;
import dev.galatea.records.wire.AvroRecords;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfluentFormatTest {
  private static final Schema OLDER =
      names().requiredString("text").endRecord(); // without steps, negative, strength
  private static final Schema NEWER =
      names().requiredString("text").optionalString("mood").endRecord();
  private static final Schema INCOMPATIBLE = names().requiredLong("text").endRecord();
  private static final Schema FOREIGN =
      SchemaBuilder.record("Order").namespace("com.example").fields().endRecord();

  private final Listed registry = new Listed();
  private final ConfluentFormat format =
      new ConfluentFormat(registry, name -> "topic-" + name, 100);

  private static SchemaBuilder.FieldAssembler<Schema> names() {
    return SchemaBuilder.record("Prompt")
        .namespace("dev.galatea")
        .fields()
        .requiredString("identity")
        .requiredString("request_id")
        .requiredLong("occurred_at");
  }

  /** A registry in a list: the number is the place. */
  private static final class Listed implements SchemaRegistry {
    private final List<String> schemas = new ArrayList<>();
    private final List<String> subjects = new ArrayList<>();
    private int questions;

    @Override
    public Optional<String> schema(int id) throws IOException {
      questions++;
      if (id == 500) {
        throw new IOException("the registry does not answer");
      }
      return id < schemas.size() ? Optional.of(schemas.get(id)) : Optional.empty();
    }

    @Override
    public int id(String subject, Schema schema) {
      subjects.add(subject);
      schemas.add(schema.toString());
      return schemas.size() - 1;
    }
  }

  @Property
  void recordsOfEverySchemaComeBackAsTheyWent(@ForAll("records") GenericRecord record)
      throws Exception {
    byte[] value = format.encode(record);

    assertThat(value[0]).isZero();
    assertThat(plain(format.decode(value).record())).isEqualTo(plain(record));
  }

  /** With Java's strings, which Avro's are not equal to. */
  private static GenericRecord plain(GenericRecord record) throws Exception {
    JsonFormat json = new JsonFormat(Optional.empty());
    return json.decode(json.encode(record)).record();
  }

  @Test
  void theSchemaIsRegisteredOnceUnderItsSubject() throws Exception {
    format.encode(prompt());
    byte[] value = format.encode(prompt());

    assertThat(registry.subjects).containsExactly("topic-dev.galatea.Prompt");
    assertThat(ByteBuffer.wrap(value).getInt(1)).isZero();
  }

  @Test
  void olderAndNewerSchemasAreReadIntoOurs() throws Exception {
    for (Schema writer : List.of(OLDER, NEWER)) {
      Prompt read = (Prompt) message(value(writer, record(writer).set("text", "smiling").build()));

      assertThat(read)
          .usingRecursiveComparison()
          .isEqualTo(new Prompt(read.header(), "smiling", "", 1));
      assertThat(read.header().identity()).isEqualTo("ada");
    }
  }

  @Test
  void aSchemaIsAskedForOnce() throws Exception {
    byte[] value = value(OLDER, record(OLDER).set("text", "smiling").build());
    byte[] refused = value(INCOMPATIBLE, record(INCOMPATIBLE).set("text", 1L).build());

    for (int i = 0; i < 3; i++) {
      format.decode(value);
      assertThatThrownBy(() -> format.decode(refused)).isInstanceOf(InvalidRequest.class);
    }

    assertThat(registry.questions).isEqualTo(2);
  }

  @Test
  void aSchemaThatDoesNotFitIsARejectThatNamesItsNumber() throws Exception {
    value(OLDER, record(OLDER).set("text", "").build());
    byte[] incompatible = value(INCOMPATIBLE, record(INCOMPATIBLE).set("text", 1L).build());
    byte[] foreign = value(FOREIGN, new GenericRecordBuilder(FOREIGN).build());

    assertInvalid(
        incompatible,
        Reason.UNKNOWN_SCHEMA,
        "schema id 1 of the registry is of a Prompt that cannot be read as the one of schemas/"
            + " (TYPE_MISMATCH: reader type: STRING not compatible with writer type: LONG)");
    assertInvalid(foreign, Reason.UNKNOWN_SCHEMA, "schema id 2 of the registry is not of a record");
    assertInvalid(
        new byte[] {0, 0, 0, 0, 99, 1},
        Reason.UNKNOWN_SCHEMA,
        "schema id 99 of the registry is not known there as an Avro schema's");
  }

  @Test
  void aRegistryThatDoesNotAnswerIsNoReject() {
    assertThatThrownBy(() -> format.decode(new byte[] {0, 0, 0, 1, (byte) 244, 1}))
        .isInstanceOf(IOException.class)
        .hasMessage("the registry does not answer");
  }

  @Test
  void aBrokenBodyTellsWhoSentIt() throws Exception {
    byte[] value = format.encode(prompt());

    assertThatThrownBy(() -> format.decode(Arrays.copyOf(value, value.length - 1)))
        .isInstanceOfSatisfying(
            InvalidRequest.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.UNDECODABLE);
              assertThat(e.identity()).hasValue("ada");
            })
        .hasMessageContaining("the body is not the record Prompt that its header names");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"identity\": 1} | this is JSON: galatea.kafka.format is confluent",
        "ada | this is not Confluent's framing: galatea.kafka.format is confluent",
      })
  void aValueInAnotherFormIsRecognised(String value, String message) {
    assertInvalid(value.getBytes(UTF_8), Reason.UNDECODABLE, message);
  }

  @Test
  void aSingleObjectIsRecognised() {
    assertInvalid(
        AvroRecords.encode(prompt()),
        Reason.UNDECODABLE,
        "this is Avro's single-object encoding: galatea.kafka.format is confluent");
  }

  private static GenericRecord prompt() {
    return AvroRecords.of(new Prompt(Header.of("ada", "1"), "smiling", "", 1));
  }

  private static GenericRecordBuilder record(Schema schema) {
    return new GenericRecordBuilder(schema)
        .set("identity", "ada")
        .set("request_id", "1")
        .set("occurred_at", 0L);
  }

  private byte[] value(Schema writer, GenericRecord record) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(ByteBuffer.allocate(5).put((byte) 0).putInt(registry.id("", writer)).array());
    var body = EncoderFactory.get().directBinaryEncoder(out, null);
    new GenericDatumWriter<GenericRecord>(writer).write(record, body);
    return out.toByteArray();
  }

  private Object message(byte[] value) throws InvalidRequest, IOException {
    ValueFormat.Decoded decoded = format.decode(value);
    return AvroRecords.message(decoded.record(), decoded.writer());
  }

  private void assertInvalid(byte[] value, Reason reason, String message) {
    assertThatThrownBy(() -> format.decode(value))
        .isInstanceOfSatisfying(InvalidRequest.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(message);
  }

  @Provide
  Arbitrary<GenericRecord> records() {
    return MadeRecords.any();
  }
}
