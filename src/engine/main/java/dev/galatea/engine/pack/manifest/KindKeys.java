package dev.galatea.engine.pack.manifest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.KeyDeserializer;
import dev.galatea.records.request.Request;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Request kinds as a manifest writes them: keys in lower case. */
final class KindKeys extends KeyDeserializer {

  /** The kind's key: {@code image}, {@code prompt} or {@code light}. */
  static String key(Request.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public Object deserializeKey(String key, DeserializationContext context) throws IOException {
    for (Request.Kind kind : Request.Kind.values()) {
      if (key(kind).equals(key)) {
        return kind;
      }
    }
    return context.handleWeirdKey(
        Request.Kind.class, key, "the kinds of request are image, prompt and light");
  }

  /** A number for each kind, or one number for all of them. */
  static final class Numbers extends JsonDeserializer<Map<Request.Kind, Double>> {
    @Override
    public Map<Request.Kind, Double> deserialize(JsonParser json, DeserializationContext context)
        throws IOException {
      if (json.currentToken() == JsonToken.START_OBJECT) {
        return context.readValue(
            json,
            context
                .getTypeFactory()
                .constructMapType(TreeMap.class, Request.Kind.class, Double.class));
      }
      if (!json.currentToken().isNumeric()) {
        return context.reportInputMismatch(
            this, "%s must be a number, or a number for each kind of request", json.currentName());
      }
      Map<Request.Kind, Double> same = new TreeMap<>();
      for (Request.Kind kind : Request.Kind.values()) {
        same.put(kind, json.getDoubleValue());
      }
      return same;
    }
  }
}
