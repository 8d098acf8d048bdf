package dev.galatea.records.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaNormalization;
import org.junit.jupiter.api.Test;

class SchemasTest {
  private static final Path DIRECTORY = Path.of("schemas");

  @Test
  void indexNamesEveryFileWithTheTenBytesBeforeItsRecords() throws IOException {
    Map<String, String> expected = new TreeMap<>();
    for (Path file : files()) {
      expected.put(DIRECTORY.relativize(file).toString(), tenBytes(parse(file)));
    }

    Map<String, String> index = new TreeMap<>();
    for (String line : Files.readAllLines(DIRECTORY.resolve("index.txt"))) {
      if (!line.startsWith("#")) {
        index.put(line.substring(21), line.substring(0, 20));
      }
    }

    assertThat(index)
        .as("schemas/index.txt; schemas/README.md tells how to change a schema")
        .isEqualTo(expected);
  }

  @Test
  void currentSchemasReadWhatTheirHistoryWrote() throws IOException {
    for (Path file : files()) {
      Schema written = parse(file);
      Schema current =
          parse(
              files().stream()
                  .filter(path -> path.getFileName().toString().equals(written.getName() + ".avsc"))
                  .findFirst()
                  .orElseThrow());
      assertThat(SchemaCompatibility.checkReaderWriterCompatibility(current, written).getType())
          .as("%s read as %s", file, current.getName())
          .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
    }
  }

  @Test
  void everyFieldIsDocumented() throws IOException {
    for (Path file : files()) {
      assertDocumented(parse(file), file);
    }
  }

  private static String tenBytes(Schema schema) {
    ByteBuffer bytes = ByteBuffer.allocate(Wire.HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put((byte) 0xC3).put((byte) 1).putLong(SchemaNormalization.parsingFingerprint64(schema));
    return HexFormat.of().formatHex(bytes.array());
  }

  private static void assertDocumented(Schema schema, Path file) {
    switch (schema.getType()) {
      case RECORD -> {
        assertThat(schema.getDoc()).as("doc of %s in %s", schema.getName(), file).isNotBlank();
        for (Schema.Field field : schema.getFields()) {
          assertThat(field.doc())
              .as("doc of %s.%s in %s", schema.getName(), field.name(), file)
              .isNotBlank();
          assertDocumented(field.schema(), file);
        }
      }
      case UNION -> schema.getTypes().forEach(type -> assertDocumented(type, file));
      case ARRAY -> assertDocumented(schema.getElementType(), file);
      default -> {}
    }
  }

  private static List<Path> files() throws IOException {
    try (Stream<Path> paths = Files.walk(DIRECTORY)) {
      return paths.filter(path -> path.toString().endsWith(".avsc")).sorted().toList();
    }
  }

  private static Schema parse(Path file) throws IOException {
    return new Schema.Parser().parse(file.toFile());
  }
}
