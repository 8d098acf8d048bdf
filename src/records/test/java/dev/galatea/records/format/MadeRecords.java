package dev.galatea.records.format;

import dev.galatea.records.wire.AvroRecords;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** Any records of the public schemas, the extremes of their types among them. */
final class MadeRecords {
  private static final int MOST_ITEMS = 4;

  private MadeRecords() {}

  static Arbitrary<GenericRecord> any() {
    return Combinators.combine(Arbitraries.of(AvroRecords.names()), Arbitraries.longs())
        .as((name, seed) -> (GenericRecord) value(AvroRecords.schema(name), new Random(seed)));
  }

  private static Object value(Schema schema, Random random) {
    return switch (schema.getType()) {
      case NULL -> null;
      case BOOLEAN -> random.nextBoolean();
      case INT -> pick(random, 0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, random.nextInt());
      case LONG -> pick(random, 0L, -1L, Long.MIN_VALUE, Long.MAX_VALUE, random.nextLong());
      case FLOAT -> Float.intBitsToFloat(random.nextInt());
      case DOUBLE ->
          pick(
              random,
              -0.0,
              Double.MIN_VALUE,
              Double.NEGATIVE_INFINITY,
              Double.NaN,
              random.nextGaussian());
      case STRING -> text(random);
      case BYTES -> ByteBuffer.wrap(bytes(random));
      case ENUM ->
          new GenericData.EnumSymbol(
              schema, pick(random, schema.getEnumSymbols().toArray(String[]::new)));
      case UNION -> value(pick(random, schema.getTypes().toArray(Schema[]::new)), random);
      case ARRAY -> items(schema.getElementType(), random);
      case MAP -> entries(schema.getValueType(), random);
      default -> record(schema, random);
    };
  }

  @SafeVarargs
  private static <T> T pick(Random random, T... choice) {
    return choice[random.nextInt(choice.length)];
  }

  private static String text(Random random) {
    return pick(random, "", "ada", "\"quoted\\ \u0000\n", "žlutý 𝄞", "{\"type\":\"Forget\"}");
  }

  private static byte[] bytes(Random random) {
    byte[] bytes = new byte[random.nextInt(9)];
    random.nextBytes(bytes);
    return bytes;
  }

  private static List<Object> items(Schema schema, Random random) {
    return IntStream.range(0, random.nextInt(MOST_ITEMS))
        .mapToObj(i -> value(schema, random))
        .toList();
  }

  private static Map<String, Object> entries(Schema schema, Random random) {
    Map<String, Object> entries = new HashMap<>();
    for (int i = random.nextInt(MOST_ITEMS); i > 0; i--) {
      entries.put(text(random), value(schema, random));
    }
    return entries;
  }

  private static GenericRecord record(Schema schema, Random random) {
    GenericRecord record = new GenericData.Record(schema);
    for (Schema.Field field : schema.getFields()) {
      record.put(field.pos(), value(field.schema(), random));
    }
    return record;
  }
}
