package dev.galatea.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LatestCheckpointTest {
  @TempDir private Path directory;

  @Test
  void theNewestWholeCheckpointOfAnyJobIsFound() throws IOException {
    checkpoint("first/chk-9", 10);
    Path newest = checkpoint("second/chk-3", 30);
    checkpoint("second/chk-2", 20);
    Files.createDirectories(directory.resolve("second/chk-4"));
    assertThat(LatestCheckpoint.in(directory)).contains(newest);
  }

  @Test
  void whereThereIsNoneNoneIsFound() throws IOException {
    assertThat(LatestCheckpoint.in(directory)).isEmpty();
    assertThat(LatestCheckpoint.in(directory.resolve("not-yet"))).isEmpty();
  }

  private Path checkpoint(String name, long seconds) throws IOException {
    Path folder = Files.createDirectories(directory.resolve(name));
    Path metadata = Files.createFile(folder.resolve("_metadata"));
    Files.setLastModifiedTime(metadata, FileTime.fromMillis(1000 * seconds));
    return folder;
  }
}
