package dev.galatea.records.wire;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageEncoder;

/**
 * Every version of every schema, from {@code schemas/} on the class path. {@code index.txt} names
 * the files; those under {@code history/} are only written no more, and stay readable.
 */
final class Schemas {
  static final Schema FACE_IMAGE;
  static final Schema PROMPT;
  static final Schema LIGHTING_EDIT;
  static final Schema RENDER;
  static final Schema REJECT;
  static final Schema AVATAR;
  static final Schema FORGET;
  static final Schema CANCEL;
  static final Schema REVERT;
  static final Schema ADOPT;
  static final Schema LOOK;
  static final Schema VIEWS;
  static final Schema ACCEPTED;
  static final Schema FORGOTTEN;
  static final Schema CARRIED_REQUEST;
  static final Schema CARRIED_COMMAND;

  private static final String ROOT = "/schemas/";
  private static final Map<Long, Schema> BY_FINGERPRINT = new HashMap<>();
  private static final Map<String, Schema> CURRENT = new HashMap<>();
  private static final Map<Long, GenericDatumReader<GenericRecord>> READERS = new HashMap<>();
  private static final Map<String, BinaryMessageEncoder<GenericRecord>> WRITERS = new HashMap<>();

  static {
    for (String path : index()) {
      Schema schema = parse(path);
      BY_FINGERPRINT.put(SchemaNormalization.parsingFingerprint64(schema), schema);
      if (!path.startsWith("history/")) {
        CURRENT.put(schema.getName(), schema);
        WRITERS.put(schema.getName(), new BinaryMessageEncoder<>(GenericData.get(), schema));
      }
    }
    BY_FINGERPRINT.forEach(
        (fingerprint, written) ->
            READERS.put(
                fingerprint, new GenericDatumReader<>(written, current(written.getName()))));
    FACE_IMAGE = current("FaceImage");
    PROMPT = current("Prompt");
    LIGHTING_EDIT = current("LightingEdit");
    RENDER = current("Render");
    REJECT = current("Reject");
    AVATAR = current("Avatar");
    FORGET = current("Forget");
    CANCEL = current("Cancel");
    REVERT = current("Revert");
    ADOPT = current("Adopt");
    LOOK = current("Look");
    VIEWS = current("AvatarViews");
    ACCEPTED = current("Accepted");
    FORGOTTEN = current("Forgotten");
    CARRIED_REQUEST = current("CarriedRequest");
    CARRIED_COMMAND = current("CarriedCommand");
  }

  private Schemas() {}

  /**
   * What reads records of that fingerprint into the newest version of their schema, or null where
   * no schema has ever had it.
   */
  static GenericDatumReader<GenericRecord> reader(long fingerprint) {
    return READERS.get(fingerprint);
  }

  /** What writes records of the newest version of a schema. */
  static BinaryMessageEncoder<GenericRecord> writer(Schema schema) {
    return WRITERS.get(schema.getName());
  }

  /** The names of the schemas whose records lie on topics. */
  static List<String> current() {
    return CURRENT.keySet().stream().filter(name -> !name.startsWith("Carried")).toList();
  }

  /** The newest version of a schema. */
  static Schema current(String name) {
    Schema schema = CURRENT.get(name);
    if (schema == null) {
      throw new IllegalStateException("schemas/index.txt names no current schema " + name);
    }
    return schema;
  }

  /** The paths below {@code schemas/} that the index names: the second word of each line. */
  static List<String> index() {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(open("index.txt"), StandardCharsets.UTF_8))) {
      return lines
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(line -> line.strip().split("\\s+", 2)[1])
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("schemas/index.txt cannot be read", e);
    }
  }

  private static Schema parse(String path) {
    try (InputStream file = open(path)) {
      return new Schema.Parser().parse(file);
    } catch (IOException e) {
      throw new UncheckedIOException("schemas/" + path + " cannot be read", e);
    }
  }

  private static InputStream open(String path) throws IOException {
    InputStream file = Schemas.class.getResourceAsStream(ROOT + path);
    if (file == null) {
      throw new IOException("schemas/" + path + " is not on the class path");
    }
    return file;
  }
}
