package dev.galatea.kafka.job;

import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.FallbackKey;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.util.TimeUtils;

/**
 * An option and the type of its values.
 *
 * @param type as the constant declares it, such as {@code Duration} or {@code List<String>}
 */
record KnownOption(ConfigOption<?> option, Type type) {

  static KnownOption of(Field constant) {
    try {
      return new KnownOption(
          (ConfigOption<?>) constant.get(null),
          ((ParameterizedType) constant.getGenericType()).getActualTypeArguments()[0]);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(constant + " is an option that nobody can set", e);
    }
  }

  /** The option's key, and the keys that it had in former releases. */
  List<String> keys() {
    return Stream.concat(
            Stream.of(option.key()),
            StreamSupport.stream(option.fallbackKeys().spliterator(), false)
                .map(FallbackKey::getKey))
        .toList();
  }

  /** Whether the option is a map, to which {@code key.name: value} adds an entry. */
  boolean isMap() {
    return raw() == Map.class;
  }

  /** A sentence that names the key and what would be right; empty if the value is right. */
  Optional<String> complaint(Configuration configuration) {
    try {
      configuration.getOptional(option);
      return Optional.empty();
    } catch (RuntimeException e) {
      String key = keys().stream().filter(configuration::containsKey).findFirst().orElseThrow();
      return Optional.of(
          "%s takes %s, not '%s'".formatted(key, right(), configuration.getString(key, "")));
    }
  }

  private Class<?> raw() {
    Type raw = type instanceof ParameterizedType generic ? generic.getRawType() : type;
    return raw instanceof Class<?> plain ? plain : Object.class;
  }

  private String right() {
    Class<?> raw = raw();
    if (raw.isEnum()) {
      return "one of "
          + Arrays.stream(raw.getEnumConstants())
              .map(KnownOption::written)
              .collect(Collectors.joining(", "));
    }
    if (raw == Boolean.class) {
      return "true or false";
    }
    return "%s, such as %s".formatted(kind(raw), example(raw));
  }

  private static String kind(Class<?> raw) {
    if (raw == Duration.class) {
      return "a duration";
    }
    if (raw == MemorySize.class) {
      return "a size";
    }
    if (raw == Integer.class || raw == Long.class) {
      return "a whole number";
    }
    if (raw == Float.class || raw == Double.class) {
      return "a number";
    }
    return raw == Map.class ? "pairs" : raw == List.class ? "a list" : "a text";
  }

  /** An example of a value: the default, if users can read it, else any value of the type. */
  private String example(Class<?> raw) {
    Object standard = option.hasDefaultValue() ? option.defaultValue() : null;
    if (raw == Duration.class) {
      return standard instanceof Duration set && !set.isZero() && set.toDays() < 365
          ? TimeUtils.formatWithHighestUnit(set)
          : "10 s";
    }
    if (raw == MemorySize.class) {
      return standard instanceof MemorySize set && set.getBytes() > 0 ? set.toString() : "64 mb";
    }
    if (raw == Integer.class || raw == Long.class) {
      return standard instanceof Number set
              && set.longValue() > 0
              && set.longValue() < 1_000_000_000
          ? set.toString()
          : "4";
    }
    if (raw == Float.class || raw == Double.class) {
      return standard instanceof Number set ? set.toString() : "0.5";
    }
    return raw == Map.class ? "name:value,other:value" : raw == List.class ? "one;two" : "this";
  }

  private static String written(Object constant) {
    return constant.toString().toLowerCase(Locale.ROOT);
  }
}
