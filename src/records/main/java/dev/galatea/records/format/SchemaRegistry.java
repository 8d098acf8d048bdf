package dev.galatea.records.format;

import java.io.IOException;
import java.util.Optional;
import org.apache.avro.Schema;

/** Where schemas have numbers. */
public interface SchemaRegistry {
  /**
   * The schema of a number.
   *
   * @return the schema's text; empty if the registry answers that it has none of that number, or
   *     that it is not Avro's
   * @throws IOException if the registry does not answer, or not as one does
   */
  Optional<String> schema(int id) throws IOException;

  /**
   * The number of a schema.
   *
   * @param subject the name under which versions of the schema are kept
   * @throws IOException if the registry does not answer, or does not take the schema
   */
  int id(String subject, Schema schema) throws IOException;
}
