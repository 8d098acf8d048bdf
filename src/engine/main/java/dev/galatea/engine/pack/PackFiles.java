package dev.galatea.engine.pack;

import dev.galatea.engine.pack.manifest.PackManifest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** The files of a pack, every one of which is hashed before anything is made of it. */
public final class PackFiles {
  private static final int BUFFER_BYTES = 1 << 16;

  private final Path directory;
  private final PackManifest manifest;

  private PackFiles(Path directory, PackManifest manifest) {
    this.directory = directory;
    this.manifest = manifest;
  }

  /**
   * Hashes all files of the manifest.
   *
   * @throws PackException if any is missing, of another size or of another hash; it tells of all
   *     such files, a line for each
   */
  public static PackFiles verify(Path directory, PackManifest manifest) {
    PackFiles files = new PackFiles(directory, manifest);
    List<String> wrong = new ArrayList<>();
    for (String name : manifest.files().keySet()) {
      try {
        files.verify(name);
      } catch (PackException e) {
        wrong.add(e.getMessage());
      }
    }
    if (!wrong.isEmpty()) {
      throw new PackException(String.join("\n", wrong));
    }
    return files;
  }

  /**
   * Hashes one file of the manifest.
   *
   * @return where it lies
   * @throws PackException if it is missing, of another size or of another hash
   */
  static Path verify(Path directory, PackManifest manifest, String name) {
    PackFiles files = new PackFiles(directory, manifest);
    files.verify(name);
    return files.path(name);
  }

  /** What lists them. */
  PackManifest manifest() {
    return manifest;
  }

  /** Where a file of the manifest lies. */
  Path path(String name) {
    return directory.resolve(name);
  }

  /** Raw little-endian float32 numbers, all of them finite. */
  float[] floats(String name, int count) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(path(name));
    } catch (IOException e) {
      throw new PackException(path(name) + " cannot be read: " + e.getMessage(), e);
    }
    if (bytes.length != Float.BYTES * count) {
      throw new PackException(
          "%s has %d bytes; %d float32 numbers are %d bytes"
              .formatted(path(name), bytes.length, count, Float.BYTES * count));
    }
    float[] values = new float[count];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    for (int i = 0; i < count; i++) {
      if (!Float.isFinite(values[i])) {
        throw new PackException("%s: number %d is %s".formatted(path(name), i, values[i]));
      }
    }
    return values;
  }

  private void verify(String name) {
    PackManifest.FileEntry expected = manifest.files().get(name);
    Path file = path(name);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new PackException(
          file + " is missing or no regular file, though the manifest lists it");
    }
    try {
      long bytes = Files.size(file);
      if (bytes != expected.bytes()) {
        throw new PackException(
            "%s has %d bytes; the manifest says %d: the pack is %s"
                .formatted(
                    file,
                    bytes,
                    expected.bytes(),
                    bytes < expected.bytes() ? "truncated" : "not the one described"));
      }
      String sha256 = sha256(file);
      if (!sha256.equals(expected.sha256())) {
        throw new PackException(
            "%s has sha256 %s; the manifest says %s: it is not loaded"
                .formatted(file, sha256, expected.sha256()));
      }
    } catch (IOException e) {
      throw new PackException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * SHA-256 of a pack's manifest, which stands for the whole pack: it names the hash of every file.
   *
   * @throws PackException if it cannot be read
   */
  public static String manifestHash(Path directory) {
    Path manifest = directory.resolve(PackManifest.FILE_NAME);
    try {
      return sha256(manifest);
    } catch (IOException e) {
      throw new PackException(manifest + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** SHA-256 of a file in lower-case hexadecimal. */
  public static String sha256(Path file) throws IOException {
    MessageDigest digest = newSha256();
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
