package dev.galatea.engine.pack.manifest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import dev.galatea.engine.pack.PackException;
import dev.galatea.records.request.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Reads a manifest, and verifies it against the contract, so that everybody else can trust it. */
final class ManifestReader {
  private static final long MAX_BYTES = 1 << 20;

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .addModule(
              new SimpleModule()
                  .addKeyDeserializer(Request.Kind.class, new KindKeys())
                  .addDeserializer(Optional.class, new OptionalValues()))
          .build();

  private ManifestReader() {}

  static PackManifest read(Path directory) {
    Path file = directory.resolve(PackManifest.FILE_NAME);
    PackManifest manifest = parse(file);
    new ManifestVerifier(file, manifest).verify();
    return manifest;
  }

  private static PackManifest parse(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new PackException(
          file + " does not exist; a pack is a directory with a " + PackManifest.FILE_NAME);
    }
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new PackException(file + " is larger than " + MAX_BYTES + " bytes");
      }
      byte[] bytes = Files.readAllBytes(file);
      JsonNode tree = JSON.readTree(bytes);
      verifyFormat(file, tree);
      verifyNoNulls(file, "", tree);
      return JSON.readValue(bytes, PackManifest.class);
    } catch (JsonProcessingException e) {
      throw new PackException(file + ": " + e.getOriginalMessage() + at(e), e);
    } catch (IOException e) {
      throw new PackException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** Runs first: a manifest of another format may have keys that mean nothing here. */
  private static void verifyFormat(Path file, JsonNode tree) {
    JsonNode format = tree.path("format");
    if (!format.isInt() || format.intValue() != PackManifest.FORMAT) {
      throw new PackException(
          "%s: format %s is unknown; this release reads format %d"
              .formatted(file, format.isMissingNode() ? "(missing)" : format, PackManifest.FORMAT));
    }
  }

  /** A manifest leaves out what the pack lacks, and never names it as null. */
  private static void verifyNoNulls(Path file, String path, JsonNode node) {
    if (node.isNull()) {
      throw new PackException(file + ": " + path + " is null; leave out what the pack lacks");
    }
    node.properties()
        .forEach(
            entry ->
                verifyNoNulls(
                    file,
                    path.isEmpty() ? entry.getKey() : path + "." + entry.getKey(),
                    entry.getValue()));
  }

  private static String at(JsonProcessingException e) {
    return e.getLocation() == null
        ? ""
        : " (line %d, column %d)"
            .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
  }
}
