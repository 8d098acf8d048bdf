package dev.galatea.kafka.internal;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/** Says what is wrong with a key that is not its request's identity. */
final class WrongKey {
  private static final int CONFLUENT_BYTES = 5;

  private WrongKey() {}

  /**
   * What is wrong and what would be right.
   *
   * @param key null where the record has none
   */
  static String told(byte[] key, String identity) {
    return "the record's key is %s: it is the request's identity as UTF-8, and nothing else"
        .formatted(key == null ? "missing" : what(key, identity));
  }

  private static String what(byte[] key, String identity) {
    String text = new String(key, UTF_8);
    if (key.length == 0) {
      return "empty";
    }
    if (text.equals('"' + identity + '"')) {
      return "the identity in quotation marks";
    }
    if (text.strip().equals(identity.strip())) {
      return "the identity with white space about it";
    }
    if (text.equalsIgnoreCase(identity)) {
      return "the identity with other capitals";
    }
    if (Arrays.equals(key, identity.getBytes(UTF_16LE))
        || Arrays.equals(key, identity.getBytes(UTF_16BE))) {
      return "the identity as UTF-16";
    }
    if (text.endsWith(identity) && key[0] == 2 * (key.length - 1)) {
      return "the identity in Avro's binary form";
    }
    boolean isFramed = key.length > CONFLUENT_BYTES && key[0] == 0;
    return isFramed ? "in Confluent's framing" : "another";
  }
}
