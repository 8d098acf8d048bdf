package dev.galatea.cli.refine;

import dev.galatea.cli.UserError;
import dev.galatea.cli.requests.RequestLine;
import dev.galatea.cli.terminal.PictureFolder;
import dev.galatea.engine.avatar.AvatarSnapshot;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Reads and writes avatars as files, {@code <identity>/avatar.bin}. The directory's name alone
 * tells the identity, so a copy under another name is a branch of the avatar.
 *
 * @param directory where to begin from; empty begins every avatar anew
 */
record AvatarFiles(Optional<Path> directory) {
  private static final String FILE_NAME = "avatar.bin";

  /**
   * The avatar in the identity's file, or none without a file.
   *
   * @throws UserError if the file holds no avatar
   */
  AvatarSnapshot read(String identity) {
    Optional<Path> file = directory.map(root -> root.resolve(name(identity)));
    if (file.isEmpty() || !Files.exists(file.get())) {
      return AvatarSnapshot.NONE;
    }
    return read(file.get());
  }

  /**
   * Reads the files of all identities first, so that an unfit file is found before any work.
   *
   * @throws UserError as {@link #read(String)} does
   */
  void check(List<RequestLine> lines) {
    lines.stream().map(RequestLine::identity).distinct().forEach(this::read);
  }

  private static AvatarSnapshot read(Path file) {
    try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
      return AvatarSnapshot.CODEC.read(in);
    } catch (IOException e) {
      throw new UserError("%s holds no avatar: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** The file's path below the directory, with forward slashes. */
  static String name(String identity) {
    return PictureFolder.directoryName(identity) + "/" + FILE_NAME;
  }

  /** The file's bytes. */
  static byte[] bytes(AvatarSnapshot snapshot) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    AvatarSnapshot.CODEC.write(snapshot, new DataOutputStream(bytes));
    return bytes.toByteArray();
  }
}
