package dev.galatea.kafka.job;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints and savepoints under a directory, as Flink lays them out: {@code
 * <job>/chk-<n>/_metadata} and {@code savepoint-<job>-<random>/_metadata}. Flink writes {@code
 * _metadata} last.
 *
 * @param directory any that Flink can read; need not exist
 */
record Checkpoints(Path directory) {
  private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
  private static final String METADATA = "_metadata";
  private static final Pattern JOB = Pattern.compile("[0-9a-f]{32}");

  /** Savepoints carry the first six digits of their job's identifier. */
  private static final Pattern SAVEPOINT = Pattern.compile("savepoint-([0-9a-f]{6})-[0-9a-f]+");

  private record Found(Path path, long writtenMs) {}

  /**
   * The newest whole checkpoint or savepoint of these jobs.
   *
   * @param jobs identifiers of Flink jobs, 32 hexadecimal digits each; with none, any job counts
   * @throws IOException if the directory cannot be read
   */
  Optional<Path> newest(Set<String> jobs) throws IOException {
    List<Found> found = new ArrayList<>();
    for (FileStatus folder : children(directory)) {
      String name = folder.getPath().getName();
      if (JOB.matcher(name).matches() && (jobs.isEmpty() || jobs.contains(name))) {
        for (FileStatus checkpoint : children(folder.getPath())) {
          add(checkpoint.getPath(), found);
        }
      } else if (isSavepoint(name, jobs)) {
        add(folder.getPath(), found);
      }
    }
    return found.stream().max(Comparator.comparingLong(Found::writtenMs)).map(Found::path);
  }

  private static boolean isSavepoint(String name, Set<String> jobs) {
    var savepoint = SAVEPOINT.matcher(name);
    return savepoint.matches()
        && (jobs.isEmpty() || jobs.stream().anyMatch(job -> job.startsWith(savepoint.group(1))));
  }

  private void add(Path checkpoint, List<Found> found) throws IOException {
    try {
      Path metadata = new Path(checkpoint, METADATA);
      FileStatus file = files().getFileStatus(metadata);
      found.add(new Found(checkpoint, file.getModificationTime()));
    } catch (FileNotFoundException e) {
      LOG.debug("{} is not whole", checkpoint);
    }
  }

  /**
   * Removes the checkpoints of jobs that came before the one that is gone on from. What that job
   * keeps is its own: Flink's first checkpoint after a start is a whole one.
   *
   * @param kept the checkpoint that is gone on from
   * @param jobs identifiers of the jobs that may be removed
   * @throws IOException if a directory cannot be removed
   */
  void removeOlder(Path kept, Set<String> jobs) throws IOException {
    for (FileStatus folder : children(directory)) {
      Path job = folder.getPath();
      if (jobs.contains(job.getName()) && !isUnder(job, kept)) {
        LOG.info("Removing {}: the job goes on from {}", job, kept);
        files().delete(job, true);
      }
    }
  }

  private static boolean isUnder(Path folder, Path path) {
    return path.toUri().getPath().startsWith(folder.toUri().getPath() + "/");
  }

  private FileStatus[] children(Path folder) throws IOException {
    if (!files().exists(folder)) {
      return new FileStatus[0];
    }
    FileStatus[] children = files().listStatus(folder);
    return children == null ? new FileStatus[0] : children;
  }

  private FileSystem files() throws IOException {
    return directory.getFileSystem();
  }
}
