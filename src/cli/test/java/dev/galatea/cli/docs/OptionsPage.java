package dev.galatea.cli.docs;

import dev.galatea.flink.ClaimOptions;
import dev.galatea.flink.LaneOptions;
import dev.galatea.flink.RefineOptions;
import dev.galatea.flink.RenderOptions;
import dev.galatea.flink.RequestOptions;
import dev.galatea.kafka.KafkaOptions;
import dev.galatea.kafka.RegistryOptions;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.description.HtmlFormatter;
import org.apache.flink.util.TimeUtils;

/** Writes {@code docs/options.md} from the option classes. */
final class OptionsPage {
  private static final String HEAD =
      """
      # Options

      Every bound and choice of Galatea is an option. `flink run` and `./galatea run` read options from Flink's `config.yaml`, then
      from the file that `--config` names, then from `-Dkey=value`; the later value wins. A job of your own passes a
      `Configuration` to `Galatea.with`. This page is generated from the code. To write it anew:

          mvn -q -pl src/cli -am test -Dtest=OptionsPageTest -Dsurefire.failIfNoSpecifiedTests=false -Dgalatea.docs.write=true

      The build fails where the page differs from the code.
      """;

  private OptionsPage() {}

  /** The option classes in the order of the page, with their titles. */
  static Map<Class<?>, String> classes() {
    Map<Class<?>, String> classes = new LinkedHashMap<>();
    classes.put(RefineOptions.class, "Refinement");
    classes.put(RenderOptions.class, "Renders");
    classes.put(LaneOptions.class, "Device");
    classes.put(RequestOptions.class, "Limits of requests");
    classes.put(ClaimOptions.class, "Pictures by reference");
    classes.put(KafkaOptions.class, "Kafka");
    classes.put(RegistryOptions.class, "Schema registry");
    return classes;
  }

  static String text() throws IllegalAccessException {
    StringBuilder page = new StringBuilder(HEAD);
    for (Map.Entry<Class<?>, String> section : classes().entrySet()) {
      page.append("\n## ").append(section.getValue()).append("\n\n");
      page.append("| key | type | default | what it does |\n|---|---|---|---|\n");
      for (Field field : section.getKey().getDeclaredFields()) {
        if (field.getType() == ConfigOption.class) {
          page.append(row(field));
        }
      }
    }
    return page.toString();
  }

  private static String row(Field field) throws IllegalAccessException {
    ConfigOption<?> option = (ConfigOption<?>) field.get(null);
    return "| `%s` | %s | %s | %s |\n"
        .formatted(
            option.key(),
            type(field),
            Optional.ofNullable(option.defaultValue())
                .map(OptionsPage::value)
                .filter(text -> !text.isEmpty())
                .map("`%s`"::formatted)
                .orElse(""),
            new HtmlFormatter().format(option.description()).replace("|", "\\|"));
  }

  private static String type(Field field) {
    java.lang.reflect.Type type =
        ((ParameterizedType) field.getGenericType()).getActualTypeArguments()[0];
    if (type instanceof Class<?> plain && plain.isEnum()) {
      return Arrays.stream(plain.getEnumConstants())
          .map(constant -> "`" + value(constant) + "`")
          .collect(Collectors.joining(", "));
    }
    if (type instanceof Class<?> plain) {
      return plain == MemorySize.class ? "size" : plain.getSimpleName().toLowerCase(Locale.ROOT);
    }
    return "list, `;` between its elements";
  }

  private static String value(Object value) {
    if (value instanceof Duration duration) {
      return TimeUtils.formatWithHighestUnit(duration);
    }
    if (value instanceof Enum<?> constant) {
      return constant.name().toLowerCase(Locale.ROOT);
    }
    if (value instanceof Collection<?> elements) {
      return elements.stream().map(Object::toString).collect(Collectors.joining(";"));
    }
    return value.toString();
  }
}
