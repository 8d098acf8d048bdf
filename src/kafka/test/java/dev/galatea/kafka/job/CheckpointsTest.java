package dev.galatea.kafka.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointsTest {
  private static final String FIRST = "a".repeat(32);
  private static final String SECOND = "b".repeat(32);
  private static final String STRANGER = "c".repeat(32);
  private static final Set<String> JOBS = Set.of(FIRST, SECOND);

  @TempDir private Path directory;

  @Test
  void theNewestWholeCheckpointOfTheJobsIsFound() throws IOException {
    snapshot(FIRST + "/chk-9", 10);
    Path newest = snapshot(SECOND + "/chk-3", 30);
    snapshot(SECOND + "/chk-2", 20);
    snapshot(STRANGER + "/chk-7", 40);
    Files.createDirectories(directory.resolve(SECOND + "/chk-4"));
    assertThat(newest(JOBS)).isEqualTo(newest);
    assertThat(newest(Set.of())).isEqualTo(directory.resolve(STRANGER + "/chk-7"));
  }

  @Test
  void aSavepointIsFoundLikeACheckpoint() throws IOException {
    snapshot(FIRST + "/chk-9", 10);
    Path savepoint = snapshot("savepoint-bbbbbb-0123456789ab", 20);
    snapshot("savepoint-cccccc-0123456789ab", 30);
    assertThat(newest(JOBS)).isEqualTo(savepoint);
  }

  @Test
  void whereThereIsNoneNoneIsFound() throws IOException {
    assertThat(checkpoints(directory).newest(Set.of())).isEmpty();
    assertThat(checkpoints(directory.resolve("not-yet")).newest(JOBS)).isEmpty();
  }

  @Test
  void checkpointsOfEarlierJobsAreRemovedAndNobodyElses() throws IOException {
    snapshot(FIRST + "/chk-9", 10);
    Path kept = snapshot(SECOND + "/chk-3", 20);
    snapshot(SECOND + "/chk-2", 15);
    snapshot(STRANGER + "/chk-7", 5);
    checkpoints(directory).removeOlder(flink(kept), JOBS);
    assertThat(directory.resolve(FIRST)).doesNotExist();
    assertThat(directory.resolve(SECOND + "/chk-2")).exists();
    assertThat(kept).exists();
    assertThat(directory.resolve(STRANGER)).exists();
  }

  private Path newest(Set<String> jobs) throws IOException {
    return Path.of(checkpoints(directory).newest(jobs).orElseThrow().getPath());
  }

  private static Checkpoints checkpoints(Path directory) {
    return new Checkpoints(flink(directory));
  }

  private static org.apache.flink.core.fs.Path flink(Path path) {
    return new org.apache.flink.core.fs.Path(path.toUri());
  }

  private Path snapshot(String name, long seconds) throws IOException {
    Path folder = Files.createDirectories(directory.resolve(name));
    Path metadata = Files.createFile(folder.resolve("_metadata"));
    Files.setLastModifiedTime(metadata, FileTime.fromMillis(1000 * seconds));
    return folder;
  }
}
