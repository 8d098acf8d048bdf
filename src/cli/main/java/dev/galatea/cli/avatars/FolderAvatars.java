package dev.galatea.cli.avatars;

import dev.galatea.cli.UserError;
import dev.galatea.engine.avatar.AvatarSnapshot;
import dev.galatea.engine.refine.LatentSpace;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.wire.Wire;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The avatars that {@code galatea refine} or {@code galatea avatars export} left: a directory for
 * each, with {@code avatar.bin} or {@code avatar.avro}. Of an {@code avatar.bin} the directory's
 * name is the identity.
 *
 * @param directory that holds their directories
 * @param space of the latents in files of {@code refine}
 * @param most avatars that are read
 */
record FolderAvatars(Path directory, LatentSpace space, int most) implements AvatarSource {
  static final String RECORD = "avatar.avro";
  private static final String SNAPSHOT = "avatar.bin";

  @Override
  public List<LatestAvatar> avatars() {
    List<LatestAvatar> avatars = new ArrayList<>();
    for (Path folder : folders()) {
      if (Files.isRegularFile(folder.resolve(RECORD))) {
        avatars.add(record(folder.resolve(RECORD)));
      } else if (Files.isRegularFile(folder.resolve(SNAPSHOT))) {
        avatars.add(snapshot(folder.resolve(SNAPSHOT)));
      }
    }
    if (avatars.isEmpty()) {
      throw new UserError(
          "%s holds no avatar: a directory for each, with %s or %s"
              .formatted(directory, RECORD, SNAPSHOT));
    }
    avatars.sort(Comparator.comparing(LatestAvatar::identity));
    return avatars;
  }

  private List<Path> folders() {
    if (!Files.isDirectory(directory)) {
      throw new UserError("--from: there is no directory " + directory);
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(Files::isDirectory).sorted().limit(most).toList();
    } catch (IOException e) {
      throw new UserError("%s cannot be read: %s".formatted(directory, e.getMessage()), e);
    }
  }

  private static LatestAvatar record(Path file) {
    try {
      return Wire.decodeAvatar(Files.readAllBytes(file));
    } catch (IOException | InvalidRequest e) {
      throw new UserError("%s holds no avatar: %s".formatted(file, e.getMessage()), e);
    }
  }

  private LatestAvatar snapshot(Path file) {
    try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
      AvatarSnapshot snapshot = AvatarSnapshot.CODEC.read(in);
      return snapshot.latest(
          file.getParent().getFileName().toString(),
          space,
          Files.getLastModifiedTime(file).toInstant());
    } catch (IOException | IllegalArgumentException e) {
      throw new UserError("%s holds no avatar: %s".formatted(file, e.getMessage()), e);
    }
  }
}
