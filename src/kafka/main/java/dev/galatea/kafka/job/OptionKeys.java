package dev.galatea.kafka.job;

import dev.galatea.flink.ClaimOptions;
import dev.galatea.flink.LaneOptions;
import dev.galatea.flink.RefineOptions;
import dev.galatea.flink.RenderOptions;
import dev.galatea.flink.RequestOptions;
import dev.galatea.kafka.KafkaOptions;
import dev.galatea.kafka.RegistryOptions;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;

/**
 * Finds mistaken options: keys that nothing reads and values that their option cannot take.
 *
 * <p>Flink takes any key. A key that nothing reads is a typing error, and the option would keep its
 * default without a word. The known keys are those in {@code docs/options.md} and those that
 * Flink's jars on the class path declare.
 */
public final class OptionKeys {
  private static final String PREFIX = "galatea.";

  /** A key this near to one of Flink's keys is a typing error even if its first word differs. */
  private static final int NEAR_LETTERS = 2;

  private static final NavigableMap<String, KnownOption> OWN =
      byKey(holders().stream().map(FlinkOptions::constants).flatMap(Collection::stream));

  /** Reads Flink's options at first use, because that opens Flink's jars. */
  private static final class Flinks {
    static final NavigableMap<String, KnownOption> KNOWN = byKey(FlinkOptions.all().stream());
  }

  private OptionKeys() {}

  /** The classes whose constants are Galatea's options. */
  public static List<Class<?>> holders() {
    return List.of(
        RefineOptions.class,
        RenderOptions.class,
        LaneOptions.class,
        RequestOptions.class,
        ClaimOptions.class,
        KafkaOptions.class,
        RegistryOptions.class);
  }

  /** The options under {@code galatea.} in a configuration of Flink's, known or not. */
  public static Configuration of(ReadableConfig flink) {
    return Configuration.fromMap(
        flink.toMap().entrySet().stream()
            .filter(option -> option.getKey().startsWith(PREFIX))
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
  }

  /**
   * Looks for unknown keys and for values that do not fit their option. Keys that belong to neither
   * Galatea nor Flink are not checked.
   *
   * @throws IllegalArgumentException if there are some; the message, one line for the user, names
   *     the nearest key that there is, or what a right value is
   */
  public static void check(Configuration configuration) {
    refuse(configuration, OptionKeys::unknown);
    refuse(configuration, key -> known(key).flatMap(option -> option.complaint(configuration)));
  }

  /** Checks the keys as {@link #check} does, and no values. */
  static void checkKeys(Configuration configuration) {
    refuse(configuration, OptionKeys::unknown);
  }

  private static void refuse(
      Configuration configuration, Function<String, Optional<String>> complaint) {
    String complaints =
        configuration.keySet().stream()
            .sorted()
            .map(complaint)
            .flatMap(Optional::stream)
            .collect(Collectors.joining("; "));
    if (!complaints.isEmpty()) {
      throw new IllegalArgumentException(complaints);
    }
  }

  private static Optional<KnownOption> known(String key) {
    return Optional.ofNullable(options(key).get(key));
  }

  private static NavigableMap<String, KnownOption> options(String key) {
    return key.startsWith(PREFIX) ? OWN : Flinks.KNOWN;
  }

  private static Optional<String> unknown(String key) {
    NavigableMap<String, KnownOption> options = options(key);
    if (options.containsKey(key) || (!key.startsWith(PREFIX) && isFree(key))) {
      return Optional.empty();
    }
    String nearest = nearest(key, options.keySet());
    boolean meant =
        key.startsWith(PREFIX)
            || options.keySet().stream().anyMatch(known -> firstWord(known).equals(firstWord(key)))
            || distance(key, nearest) <= NEAR_LETTERS;
    return meant
        ? Optional.of("there is no option %s; the nearest is %s".formatted(key, nearest))
        : Optional.empty();
  }

  private static boolean isFree(String key) {
    return FlinkOptions.isFree(key)
        || Flinks.KNOWN.entrySet().stream()
            .anyMatch(known -> known.getValue().isMap() && key.startsWith(known.getKey() + "."));
  }

  private static String firstWord(String key) {
    return key.substring(0, key.contains(".") ? key.indexOf('.') : key.length());
  }

  /**
   * The key with the fewest letters to change, add or leave out; among equals the first in the
   * alphabet.
   */
  private static String nearest(String key, Collection<String> known) {
    return known.stream().min(Comparator.comparingInt(other -> distance(key, other))).orElseThrow();
  }

  private static int distance(String a, String b) {
    return LevenshteinDistance.getDefaultInstance().apply(a, b);
  }

  private static NavigableMap<String, KnownOption> byKey(Stream<KnownOption> options) {
    TreeMap<String, KnownOption> known = new TreeMap<>();
    options.forEach(option -> option.keys().forEach(key -> known.putIfAbsent(key, option)));
    return known;
  }
}
