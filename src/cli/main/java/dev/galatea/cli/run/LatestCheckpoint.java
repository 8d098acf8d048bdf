package dev.galatea.cli.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds where a job can be taken up again. */
final class LatestCheckpoint {
  /** {@code <directory>/<job>/chk-<n>/_metadata}, which is written last. */
  private static final int DEPTH = 3;

  private static final String METADATA = "_metadata";

  private LatestCheckpoint() {}

  /**
   * The newest whole checkpoint of any job.
   *
   * @param directory what was given as checkpoint directory; need not exist
   * @return the checkpoint's own directory
   */
  static Optional<Path> in(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return Optional.empty();
    }
    Path newest = null;
    FileTime written = null;
    try (Stream<Path> files = Files.walk(directory, DEPTH)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (file.getFileName().toString().equals(METADATA)) {
          FileTime time = Files.getLastModifiedTime(file);
          if (written == null || time.compareTo(written) > 0) {
            newest = file.getParent();
            written = time;
          }
        }
      }
    }
    return Optional.ofNullable(newest);
  }
}
