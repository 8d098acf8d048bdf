package dev.galatea.engine.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.galatea.engine.guidance.GuidanceSpec;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.PackFiles;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.records.request.Request;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Copies of packs whose manifest and files a test may change. */
public final class PackCopy {
  private static final ObjectMapper JSON = new ObjectMapper();

  private PackCopy() {}

  /** Copies a pack into an empty directory, which is returned. */
  public static Path copy(Path pack, Path into) {
    try (Stream<Path> files = Files.list(pack)) {
      for (Path file : files.toList()) {
        Files.copy(file, into.resolve(file.getFileName()));
      }
      return into;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Changes the manifest of a copy. */
  public static void edit(Path directory, Consumer<ObjectNode> change) {
    Path file = directory.resolve(PackManifest.FILE_NAME);
    try {
      ObjectNode manifest = (ObjectNode) JSON.readTree(file.toFile());
      change.accept(manifest);
      JSON.writeValue(file.toFile(), manifest);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes a file of a copy and its right size and hash into the manifest. */
  public static void replace(Path directory, String name, byte[] content) {
    try {
      Path file = directory.resolve(name);
      Files.write(file, content);
      String sha256 = PackFiles.sha256(file);
      edit(
          directory,
          manifest -> {
            ObjectNode entry = (ObjectNode) manifest.path("files").path(name);
            entry.put("sha256", sha256).put("bytes", content.length);
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Adds a network to a copy, from a file elsewhere. */
  public static void addNetwork(Path directory, Network network, Path file) {
    String name = network.key() + ".pt";
    edit(directory, manifest -> manifest.withObject("/networks").put(network.key(), name));
    addFile(directory, name, file);
  }

  /** Adds a guidance with a network of its own to a copy, from a file elsewhere. */
  public static void addGuidance(
      Path directory,
      String name,
      Path file,
      GuidanceSpec.View view,
      Map<Request.Kind, Double> weights) {
    edit(
        directory,
        manifest -> {
          ObjectNode guidance = manifest.withObject("/guidances").putObject(name);
          guidance.put("network", name + ".pt").put("view", view.key());
          ObjectNode named = guidance.putObject("weights");
          weights.forEach(
              (kind, weight) -> named.put(kind.name().toLowerCase(Locale.ROOT), weight));
        });
    addFile(directory, name + ".pt", file);
  }

  private static void addFile(Path directory, String name, Path file) {
    edit(directory, manifest -> manifest.withObject("/files").putObject(name));
    try {
      replace(directory, name, Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lets a copy tell what it understands: of the tokenizer's words, those that describe a head. */
  public static void addVocabulary(Path directory) {
    edit(
        directory,
        manifest -> {
          ObjectNode text = manifest.withObject("/text");
          Stream.of("a", "the", "person", "face", "with", "without", "wearing", ",", ".")
              .forEach(text.putArray("neutral")::add);
          Stream.of("glasses", "red hair", "a beard").forEach(text.putArray("understands")::add);
        });
  }
}
