package dev.galatea.engine.pack.manifest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.BeanProperty;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.deser.ContextualDeserializer;
import java.io.IOException;
import java.util.Optional;

/** Reads what a manifest may leave out: a value that is there, or empty. */
final class OptionalValues extends JsonDeserializer<Optional<?>> implements ContextualDeserializer {
  private final Optional<JavaType> type;

  OptionalValues() {
    this(Optional.empty());
  }

  private OptionalValues(Optional<JavaType> type) {
    this.type = type;
  }

  @Override
  public JsonDeserializer<?> createContextual(
      DeserializationContext context, BeanProperty property) {
    return new OptionalValues(Optional.of(context.getContextualType().containedType(0)));
  }

  @Override
  public Optional<?> deserialize(JsonParser json, DeserializationContext context)
      throws IOException {
    return Optional.of(context.readValue(json, type.orElseThrow()));
  }

  @Override
  public Optional<?> getNullValue(DeserializationContext context) {
    return Optional.empty();
  }
}
