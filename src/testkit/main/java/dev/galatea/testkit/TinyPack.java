package dev.galatea.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.galatea.engine.pack.manifest.PackManifest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;

/**
 * The pack that travels in the kit's jar: every network that a pack can have, in 192 kB, for
 * pictures of 32 × 32 pixels.
 *
 * <p><b>Its weights are random.</b> Its renders are pictures of the right size and format which
 * show nothing: no face, no likeness, no red hair. Test with it that requests arrive, are carried
 * out in order and leave as renders; how an avatar looks only a trained pack can tell.
 */
public final class TinyPack {
  private static final String RESOURCES = "/dev/galatea/testkit/tiny/";

  private TinyPack() {}

  /**
   * Writes the pack's files into a directory, which is made if it does not exist.
   *
   * @return the directory, for {@code RefineOptions.PACK}
   * @throws IOException if a file cannot be written
   */
  public static Path unpack(Path directory) throws IOException {
    Files.createDirectories(directory);
    copy(PackManifest.FILE_NAME, directory);
    Path manifest = directory.resolve(PackManifest.FILE_NAME);
    JsonNode files = new ObjectMapper().readTree(manifest.toFile()).path("files");
    for (Iterator<String> names = files.fieldNames(); names.hasNext(); ) {
      copy(names.next(), directory);
    }
    return directory;
  }

  private static void copy(String name, Path directory) throws IOException {
    try (InputStream stream = TinyPack.class.getResourceAsStream(RESOURCES + name)) {
      if (stream == null) {
        throw new IOException(RESOURCES + name + " is not on the class path");
      }
      Files.copy(stream, directory.resolve(name));
    }
  }
}
