package dev.galatea.records;

import static java.util.Objects.requireNonNull;

/**
 * A header of a Kafka record, such as {@code traceparent}. Galatea does not read it; what answers
 * the record carries it back.
 *
 * @param name of the header; a record may have several of one name
 * @param value as it was sent; empty where the header had none
 */
public record RecordHeader(String name, byte[] value) {
  public RecordHeader {
    requireNonNull(name, "name");
    requireNonNull(value, "value");
  }
}
