package dev.galatea.engine.validate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.galatea.records.request.Request;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.wire.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageEncoder;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What a field's {@code doc} claims of its range holds: just within is accepted, beyond is not. */
class SchemaClaimsTest {
  private static final String NUMBER = "(-?(?:pi(?:/2)?|[0-9]+))";
  private static final Pattern RANGE = Pattern.compile("from " + NUMBER + " to " + NUMBER);
  private static final Pattern LEAST = Pattern.compile(NUMBER + " or more");
  private static final Pattern ABOVE = Pattern.compile("above " + NUMBER);
  private static final Pattern WITHIN = Pattern.compile("within \\+-" + NUMBER);
  private static final Pattern LENGTH = Pattern.compile("at most ([0-9]+) (?:bytes|characters)");
  private static final Pattern SIZE = Pattern.compile("at most ([0-9]+) MiB");
  private static final Pattern NOT_BLANK = Pattern.compile("Not blank");
  private static final Pattern NO_CONTROL = Pattern.compile("no control characters");

  private final RequestValidator validator =
      new RequestValidator(
          RequestLimits.defaults(16, EnumSet.allOf(Request.Kind.class)),
          Vocabulary.ANY,
          Optional.empty());

  /** Values of a field that its doc's words allow, and others that they do not. */
  private record Claim(String words, List<Object> allowed, List<Object> forbidden) {}

  /** A field of a request, or of the record that one of its unions may hold. */
  private record Place(Schema schema, Schema.Field outer, Optional<Schema.Field> inner) {
    Schema.Field field() {
      return inner.orElse(outer);
    }

    @Override
    public String toString() {
      String name = schema.getName() + "." + outer.name();
      return inner.map(field -> name + "." + field.name()).orElse(name);
    }
  }

  @TestFactory
  Stream<DynamicTest> everyRangeOfADocHolds() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Place place : places()) {
      for (Claim claim : claims(place.field())) {
        tests.add(dynamicTest(place + ": " + claim.words(), () -> hold(place, claim)));
      }
    }
    return tests.stream();
  }

  @Test
  void theDocsClaimsAreFound() throws IOException {
    List<String> found = new ArrayList<>();
    for (Place place : places()) {
      claims(place.field()).forEach(claim -> found.add(place + ": " + claim.words()));
    }
    assertThat(found)
        .hasSize(38)
        .contains(
            "FaceImage.occurred_at: from 0 to 253402300799999",
            "FaceImage.camera.yaw: from -pi to pi",
            "Prompt.views.yaw: from -pi to pi",
            "LightingEdit.light.strength: 0 or more",
            "LightingEdit.light.ambient: 0 or more",
            "LightingEdit.light: within +-64",
            "Prompt.strength: from 0 to 10");
  }

  private void hold(Place place, Claim claim) throws IOException {
    for (Object value : claim.allowed()) {
      assertThat(refusal(place, value)).as("%s of %s", place, told(value)).isEmpty();
    }
    for (Object value : claim.forbidden()) {
      assertThat(refusal(place, value)).as("%s of %s", place, told(value)).isPresent();
    }
  }

  private static String told(Object value) {
    String text = String.valueOf(value);
    return text.length() > 40 ? text.length() + " characters" : text;
  }

  private Optional<InvalidRequest> refusal(Place place, Object value) throws IOException {
    try {
      validator.validate(Wire.decodeRequest(bytes(request(place, value))));
      return Optional.empty();
    } catch (InvalidRequest refused) {
      return Optional.of(refused);
    }
  }

  private static List<Place> places() throws IOException {
    List<Place> places = new ArrayList<>();
    for (String name : List.of("FaceImage", "Prompt", "LightingEdit")) {
      Schema schema = new Schema.Parser().parse(Path.of("schemas", name + ".avsc").toFile());
      for (Schema.Field outer : schema.getFields()) {
        places.add(new Place(schema, outer, Optional.empty()));
        record(outer.schema())
            .map(Schema::getFields)
            .orElse(List.of())
            .forEach(inner -> places.add(new Place(schema, outer, Optional.of(inner))));
      }
    }
    return places;
  }

  /** The record that a field may hold, or have as elements. */
  private static Optional<Schema> record(Schema union) {
    if (union.getType() == Schema.Type.ARRAY) {
      return Optional.of(union.getElementType()).filter(e -> e.getType() == Schema.Type.RECORD);
    }
    return union.getType() == Schema.Type.UNION
        ? union.getTypes().stream().filter(t -> t.getType() == Schema.Type.RECORD).findFirst()
        : Optional.empty();
  }

  private static List<Claim> claims(Schema.Field field) {
    List<Claim> claims = new ArrayList<>();
    Numbers numbers = Numbers.of(field.schema());
    find(RANGE, field)
        .ifPresent(
            m ->
                claims.add(
                    numbers.claim(m.group(), number(m.group(1)), number(m.group(2)), false)));
    find(LEAST, field)
        .ifPresent(m -> claims.add(numbers.claim(m.group(), number(m.group(1)), 1, false)));
    find(ABOVE, field)
        .ifPresent(m -> claims.add(numbers.claim(m.group(), number(m.group(1)), 1, true)));
    find(WITHIN, field)
        .ifPresent(
            m ->
                claims.add(
                    numbers.claim(m.group(), -number(m.group(1)), number(m.group(1)), false)));
    find(LENGTH, field)
        .ifPresent(
            m -> {
              int most = Integer.parseInt(m.group(1));
              claims.add(
                  new Claim(m.group(), List.of("a".repeat(most)), List.of("a".repeat(most + 1))));
            });
    find(SIZE, field)
        .ifPresent(
            m -> {
              int most = Integer.parseInt(m.group(1)) << 20;
              claims.add(new Claim(m.group(), List.of(padded(most)), List.of(padded(most + 1))));
            });
    find(NOT_BLANK, field)
        .ifPresent(m -> claims.add(new Claim(m.group(), List.of("a b"), List.of("", " ", "\t "))));
    find(NO_CONTROL, field)
        .ifPresent(
            m ->
                claims.add(
                    new Claim(m.group(), List.of("ä"), List.of("a\nb", "a\u0000", "\u0085a"))));
    return claims;
  }

  private static Optional<Matcher> find(Pattern pattern, Schema.Field field) {
    Matcher matcher = pattern.matcher(field.doc());
    return matcher.find() ? Optional.of(matcher) : Optional.empty();
  }

  private static double number(String text) {
    String magnitude = text.replace("-", "");
    double value =
        switch (magnitude) {
          case "pi" -> Math.PI;
          case "pi/2" -> Math.PI / 2;
          default -> Double.parseDouble(magnitude);
        };
    return text.startsWith("-") ? -value : value;
  }

  /** The numbers of a field's type. */
  private enum Numbers {
    INT,
    LONG,
    FLOAT,
    DOUBLE,
    FLOATS;

    static Numbers of(Schema schema) {
      List<Schema> types = schema.isUnion() ? schema.getTypes() : List.of(schema);
      return types.stream()
          .map(
              type ->
                  switch (type.getType()) {
                    case INT -> Optional.of(INT);
                    case LONG -> Optional.of(LONG);
                    case FLOAT -> Optional.of(FLOAT);
                    case DOUBLE -> Optional.of(DOUBLE);
                    case ARRAY -> Optional.of(FLOATS);
                    default -> Optional.<Numbers>empty();
                  })
          .flatMap(Optional::stream)
          .findFirst()
          .orElse(DOUBLE);
    }

    Claim claim(String words, double least, double most, boolean isOpen) {
      boolean isBounded = words.contains(" to ") || words.contains("within");
      List<Object> allowed = new ArrayList<>(List.of(value(most)));
      List<Object> forbidden = new ArrayList<>(List.of(beyond(least, -1)));
      (isOpen ? forbidden : allowed).add(value(least));
      if (isBounded) {
        forbidden.add(beyond(most, 1));
      }
      if (this != INT && this != LONG) {
        DoubleStream.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY)
            .forEach(number -> forbidden.add(value(number)));
      }
      return new Claim(words, allowed, forbidden);
    }

    private Object value(double number) {
      return switch (this) {
        case INT -> (int) number;
        case LONG -> (long) number;
        case FLOAT -> (float) number;
        case DOUBLE -> number;
        case FLOATS -> floats((float) number);
      };
    }

    private Object beyond(double number, int sign) {
      float f = sign < 0 ? Math.nextDown((float) number) : Math.nextUp((float) number);
      return switch (this) {
        case INT -> (int) number + sign;
        case LONG -> (long) number + sign;
        case FLOAT -> f;
        case DOUBLE -> sign < 0 ? Math.nextDown(number) : Math.nextUp(number);
        case FLOATS -> floats(f);
      };
    }

    private static List<Float> floats(float one) {
      List<Float> light = new ArrayList<>(Collections.nCopies(9, 0f));
      light.set(4, one);
      return light;
    }
  }

  private static GenericRecord request(Place place, Object value) {
    GenericRecord request = new GenericData.Record(place.schema());
    Map<String, Object> sound = sound();
    for (Schema.Field field : place.schema().getFields()) {
      request.put(
          field.pos(),
          sound.containsKey(field.name())
              ? sound.get(field.name())
              : GenericData.get().getDefaultValue(field));
    }
    if (place.inner().isEmpty()) {
      request.put(place.outer().pos(), value);
      return request;
    }
    GenericRecord inner = new GenericData.Record(record(place.outer().schema()).orElseThrow());
    for (Schema.Field field : inner.getSchema().getFields()) {
      inner.put(field.pos(), 1f);
    }
    inner.put(place.inner().get().pos(), value);
    boolean isMany = place.outer().schema().getType() == Schema.Type.ARRAY;
    request.put(place.outer().pos(), isMany ? List.of(inner) : inner);
    return request;
  }

  private static Map<String, Object> sound() {
    Map<String, Object> sound = new HashMap<>();
    sound.put("identity", "ada");
    sound.put("request_id", "1");
    sound.put("occurred_at", 1_700_000_000_000L);
    sound.put("image", padded(0));
    sound.put("aligned", true);
    sound.put("text", "smiling");
    sound.put("negative", "");
    sound.put("strength", 1.0);
    return sound;
  }

  /** A sound picture, and bytes after its end that decoders ignore. */
  private static ByteBuffer padded(int length) {
    try (InputStream file = SchemaClaimsTest.class.getResourceAsStream("/images/exif-6.jpg")) {
      byte[] bytes = file.readAllBytes();
      return ByteBuffer.wrap(java.util.Arrays.copyOf(bytes, Math.max(length, bytes.length)));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static byte[] bytes(GenericRecord request) throws IOException {
    ByteBuffer encoded =
        new BinaryMessageEncoder<GenericRecord>(GenericData.get(), request.getSchema())
            .encode(request);
    byte[] bytes = new byte[encoded.remaining()];
    encoded.get(bytes);
    return bytes;
  }
}
