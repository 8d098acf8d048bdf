package dev.galatea.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointStorageTest {
  @TempDir private Path directory;

  @Test
  void aDiskWithRoomTellsHowMuch() {
    assertThat(new CheckpointStorage(directory.toUri()).trial())
        .matches("file:.* can be written \\(.*free\\)");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void aFullDiskIsNamed() {
    assertThat(new CheckpointStorage(URI.create("full:///checkpoints")).trial())
        .isEqualTo("full:///checkpoints cannot be written: No space left on device");
  }

  @Test
  void aPlaceThatIsNoDirectoryIsNamed() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    assertThat(new CheckpointStorage(file.toUri()).trial()).contains("cannot be written");
  }
}
