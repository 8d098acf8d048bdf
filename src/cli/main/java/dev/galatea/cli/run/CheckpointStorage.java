package dev.galatea.cli.run;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.util.UUID;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * Where checkpoints are written. Flink tells that a checkpoint failed, but not of what: so a file
 * is written there, and what becomes of it tells whether the disk is full, read-only or gone.
 */
final class CheckpointStorage {
  private static final int TRIAL_BYTES = 1 << 20;

  private final URI directory;

  CheckpointStorage(URI directory) {
    this.directory = directory;
  }

  /** What a trial to write there shows, in a sentence. */
  String trial() {
    Path file = new Path(new Path(directory), ".galatea-trial-" + UUID.randomUUID());
    try {
      FileSystem files = file.getFileSystem();
      try (OutputStream out = files.create(file, FileSystem.WriteMode.NO_OVERWRITE)) {
        out.write(new byte[TRIAL_BYTES]);
      } finally {
        files.delete(file, false);
      }
      return "%s can be written%s".formatted(directory, free());
    } catch (IOException e) {
      return "%s cannot be written: %s%s".formatted(directory, reason(e), free());
    }
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  /** Only local disks tell. */
  private String free() {
    if (!"file".equals(directory.getScheme())) {
      return "";
    }
    return " (%.1f GB free)".formatted(new File(directory).getUsableSpace() / 1e9);
  }
}
