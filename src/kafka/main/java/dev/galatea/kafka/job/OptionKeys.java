package dev.galatea.kafka.job;

import dev.galatea.flink.LaneOptions;
import dev.galatea.flink.RefineOptions;
import dev.galatea.flink.RenderOptions;
import dev.galatea.flink.RequestOptions;
import dev.galatea.kafka.KafkaOptions;
import java.lang.reflect.Field;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;

/**
 * The keys of {@code docs/options.md}. Flink takes any key; one under {@code galatea.} that nothing
 * reads is a typing error, and would otherwise leave a default in force without a word.
 */
public final class OptionKeys {
  private static final String PREFIX = "galatea.";
  private static final SortedSet<String> KNOWN = keys();

  private OptionKeys() {}

  /** The classes whose constants are Galatea's options. */
  public static List<Class<?>> holders() {
    return List.of(
        RefineOptions.class,
        RenderOptions.class,
        LaneOptions.class,
        RequestOptions.class,
        KafkaOptions.class);
  }

  /** The options under {@code galatea.} in a configuration of Flink's, known or not. */
  public static Configuration of(ReadableConfig flink) {
    return Configuration.fromMap(
        flink.toMap().entrySet().stream()
            .filter(option -> option.getKey().startsWith(PREFIX))
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
  }

  /**
   * Looks for keys of Galatea that are none. Keys of Flink and of others may be any.
   *
   * @throws IllegalArgumentException if there is one; the message, one line for the user, names the
   *     nearest key that there is
   */
  public static void check(Configuration configuration) {
    String unknown =
        configuration.keySet().stream()
            .filter(key -> key.startsWith(PREFIX) && !KNOWN.contains(key))
            .sorted()
            .map(key -> "there is no option %s; the nearest is %s".formatted(key, nearest(key)))
            .collect(Collectors.joining("; "));
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(unknown);
    }
  }

  /** By the fewest letters to change, add or leave out; of equals the first in the alphabet. */
  private static String nearest(String key) {
    LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
    return KNOWN.stream()
        .min(Comparator.comparingInt(known -> distance.apply(key, known)))
        .orElseThrow();
  }

  private static SortedSet<String> keys() {
    SortedSet<String> keys = new TreeSet<>();
    for (Class<?> holder : holders()) {
      for (Field field : holder.getDeclaredFields()) {
        if (field.getType() == ConfigOption.class) {
          keys.add(key(field));
        }
      }
    }
    return keys;
  }

  private static String key(Field field) {
    try {
      return ((ConfigOption<?>) field.get(null)).key();
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(field + " is an option that nobody can set", e);
    }
  }
}
