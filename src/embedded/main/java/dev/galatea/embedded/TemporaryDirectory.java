package dev.galatea.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.UserPrincipal;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory that lives as long as what uses it.
 *
 * <p>A process that is killed leaves its directories behind, so that each new directory first
 * removes those of processes that are gone. The name tells the process by its id. A lock on a file
 * within tells what the id cannot: a container's process may have the same id as its predecessor,
 * and one of another container may not be visible at all. The operating system lets go of the lock
 * when the process ends, however it ends.
 */
public final class TemporaryDirectory implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TemporaryDirectory.class);
  private static final Pattern NAME = Pattern.compile("galatea-[a-z]+-(\\d+)-\\d+");
  private static final String MARK = "in-use";

  /** Of this process. A lock is lost with any handle of its file: these are not to be opened. */
  private static final Set<Path> HELD = new HashSet<>();

  private final Path path;
  private final FileChannel mark;

  private TemporaryDirectory(Path path, FileChannel mark) {
    this.path = path;
    this.mark = mark;
  }

  /**
   * Makes a directory under {@code java.io.tmpdir}, after removing what killed processes of this
   * user have left there.
   *
   * @param purpose a word in lower case, part of the directory's name
   */
  public static TemporaryDirectory create(String purpose) {
    return create(Path.of(System.getProperty("java.io.tmpdir")), purpose);
  }

  static synchronized TemporaryDirectory create(Path parent, String purpose) {
    long process = ProcessHandle.current().pid();
    try {
      Path path = Files.createTempDirectory(parent, "galatea-%s-%d-".formatted(purpose, process));
      FileChannel mark =
          FileChannel.open(
              path.resolve(MARK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      lock(mark);
      HELD.add(path);
      sweep(parent, Files.getOwner(path));
      return new TemporaryDirectory(path, mark);
    } catch (IOException e) {
      throw new UncheckedIOException("no temporary directory could be made: " + e.getMessage(), e);
    }
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** Removes the directory and all that is in it. */
  @Override
  public void close() {
    synchronized (TemporaryDirectory.class) {
      try {
        mark.close();
        remove(path);
        HELD.remove(path);
      } catch (IOException e) {
        throw new UncheckedIOException(path + " could not be removed: " + e.getMessage(), e);
      }
    }
  }

  private static void sweep(Path parent, UserPrincipal user) {
    try (DirectoryStream<Path> found = Files.newDirectoryStream(parent, "galatea-*")) {
      for (Path directory : found) {
        sweepOne(directory, user);
      }
    } catch (IOException e) {
      LOG.info("What killed processes have left in {} is not looked for: {}", parent, e.toString());
    }
  }

  private static void sweepOne(Path directory, UserPrincipal user) {
    Matcher name = NAME.matcher(directory.getFileName().toString());
    if (!name.matches() || HELD.contains(directory) || ofAnotherProcess(name.group(1))) {
      return;
    }
    try {
      if (isAbandoned(directory, user)) {
        remove(directory);
        LOG.info("Removed {}, which a killed process has left", directory);
      }
    } catch (IOException e) {
      LOG.info("{} is left where it is: {}", directory, e.toString());
    }
  }

  /** Whether a living process, but not this one, has the id. */
  private static boolean ofAnotherProcess(String digits) {
    long process = Long.parseLong(digits);
    return process != ProcessHandle.current().pid()
        && ProcessHandle.of(process).map(ProcessHandle::isAlive).orElse(false);
  }

  /** Whether it is this user's and nobody holds its lock. */
  private static boolean isAbandoned(Path directory, UserPrincipal user) throws IOException {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
        || !Files.getOwner(directory).equals(user)) {
      return false;
    }
    try (FileChannel mark = FileChannel.open(directory.resolve(MARK), StandardOpenOption.WRITE)) {
      FileLock lock = mark.tryLock();
      return lock != null;
    } catch (NoSuchFileException justMade) {
      return false;
    }
  }

  /** Where files cannot be locked, the directory is kept for ever rather than lost in use. */
  private static void lock(FileChannel mark) {
    try {
      mark.tryLock();
    } catch (IOException e) {
      LOG.info("Temporary directories cannot be locked here: {}", e.toString());
    }
  }

  private static void remove(Path directory) throws IOException {
    Files.walkFileTree(directory, new Removal());
  }

  private static final class Removal extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
      if (e instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE;
      }
      throw e;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, IOException e) throws IOException {
      if (e != null) {
        throw e;
      }
      Files.deleteIfExists(directory);
      return FileVisitResult.CONTINUE;
    }
  }
}
