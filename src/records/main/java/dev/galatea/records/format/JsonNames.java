package dev.galatea.records.format;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.galatea.records.result.InvalidRequest;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an object says of itself, as far as it can be read: which kind of record it is, and who sent
 * it.
 */
record JsonNames(Map<String, String> texts) {
  private static final String IDENTITY = "identity";
  private static final String REQUEST_ID = "request_id";
  private static final Set<String> WANTED = Set.of(JsonFormat.TYPE, IDENTITY, REQUEST_ID);

  /** The names in a value; empty if the value is no object. */
  static Optional<JsonNames> read(JsonParser json) {
    Map<String, String> texts = new HashMap<>();
    boolean isObject = false;
    try {
      isObject = json.nextToken() == JsonToken.START_OBJECT;
      while (isObject && json.nextToken() == JsonToken.FIELD_NAME) {
        String field = json.currentName();
        if (json.nextToken() == JsonToken.VALUE_STRING && WANTED.contains(field)) {
          texts.put(field, json.getText());
        }
        json.skipChildren();
      }
    } catch (IOException theRestIsBroken) {
      // Reading it as a record tells where.
      return isObject ? Optional.of(new JsonNames(texts)) : Optional.empty();
    }
    return isObject ? Optional.of(new JsonNames(texts)) : Optional.empty();
  }

  Optional<String> type() {
    return Optional.ofNullable(texts.get(JsonFormat.TYPE));
  }

  /** The error, told of the sender if both names were read. */
  InvalidRequest locate(InvalidRequest why) {
    boolean isSigned = texts.containsKey(IDENTITY) && texts.containsKey(REQUEST_ID);
    return isSigned ? why.in(texts.get(IDENTITY), texts.get(REQUEST_ID)) : why;
  }
}
