package dev.galatea.kafka.job;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.CoreOptions;

/**
 * The options of Flink itself, read from its jars: every constant of type {@code ConfigOption} in a
 * class whose name ends with {@code Options}. Flink keeps no list of them.
 */
final class FlinkOptions {
  private static final String PACKAGE = "org/apache/flink/";
  private static final String SUFFIX = "Options.class";

  /** Connectors, formats and SQL have options of their own, which no configuration file sets. */
  private static final List<String> OTHERS =
      List.of(PACKAGE + "connector/", PACKAGE + "formats/", PACKAGE + "table/");

  /**
   * Users choose the names under these prefixes: names of reporters, resources, file systems,
   * environment variables.
   */
  private static final List<String> FREE =
      List.of(
          "env.",
          "events.reporter.",
          "external-resource.",
          "flink.hadoop.",
          "fs.",
          "metrics.reporter.",
          "security.delegation.token.provider.",
          "traces.reporter.");

  private FlinkOptions() {}

  /** Whether the key begins with a prefix under which users choose the names. */
  static boolean isFree(String key) {
    return FREE.stream().anyMatch(key::startsWith);
  }

  /** Every option of every Flink jar on the class path. */
  static List<KnownOption> all() {
    List<KnownOption> options = new ArrayList<>();
    for (Path jar : jars()) {
      for (String name : classes(jar)) {
        options.addAll(constants(name));
      }
    }
    return options;
  }

  /** The options that a class declares. */
  static List<KnownOption> constants(Class<?> holder) {
    List<KnownOption> options = new ArrayList<>();
    for (Field field : holder.getDeclaredFields()) {
      if (field.getType() == ConfigOption.class
          && Modifier.isStatic(field.getModifiers())
          && Modifier.isPublic(field.getModifiers())) {
        options.add(KnownOption.of(field));
      }
    }
    return options;
  }

  private static List<KnownOption> constants(String className) {
    try {
      Class<?> holder = Class.forName(className, false, FlinkOptions.class.getClassLoader());
      return Modifier.isPublic(holder.getModifiers()) ? constants(holder) : List.of();
    } catch (ClassNotFoundException | LinkageError e) {
      // Of a part of Flink whose libraries are not here: nothing here reads its options either.
      return List.of();
    }
  }

  private static Set<Path> jars() {
    Set<Path> jars = new LinkedHashSet<>();
    jars.add(
        Path.of(CoreOptions.class.getProtectionDomain().getCodeSource().getLocation().getPath()));
    Stream.of(System.getProperty("java.class.path", "").split(File.pathSeparator))
        .filter(entry -> entry.endsWith(".jar"))
        .map(Path::of)
        .filter(jar -> jar.getFileName().toString().startsWith("flink-"))
        .map(Path::toAbsolutePath)
        .forEach(jars::add);
    return jars;
  }

  private static List<String> classes(Path jar) {
    try (JarFile file = new JarFile(jar.toFile())) {
      return file.stream()
          .map(entry -> entry.getName())
          .filter(name -> name.startsWith(PACKAGE) && name.endsWith(SUFFIX))
          .filter(name -> OTHERS.stream().noneMatch(name::startsWith))
          .map(name -> name.substring(0, name.length() - ".class".length()).replace('/', '.'))
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }
}
