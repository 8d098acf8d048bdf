package dev.galatea.flink.internal.claim;

import dev.galatea.flink.ClaimOptions;
import dev.galatea.records.EncodedImage;
import dev.galatea.records.ImageReference;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.Message;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.Reject.Reason;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * Puts the files that requests refer to into their place, by way of Flink's file systems.
 *
 * <p><b>Owns</b> the threads that read. <b>Lives</b> from its making to {@link #close}.
 * <b>Threading</b>: used by the task's thread, which waits for a reader no longer than the setting
 * allows. A reader that hangs is left behind and counts against the bound of readers.
 */
public final class ImageReader implements AutoCloseable {
  private static final long KEEP_ALIVE_SECONDS = 10;
  private static final String ALLOW = ClaimOptions.ALLOW.key();
  private static final int SHA256_DIGITS = 64;

  private final ClaimSettings settings;
  private final ThreadPoolExecutor readers;

  public ImageReader(ClaimSettings settings) {
    this.settings = settings;
    this.readers =
        new ThreadPoolExecutor(
            0,
            settings.maxReaders(),
            KEEP_ALIVE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            ImageReader::thread);
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "galatea-image-reader");
    thread.setDaemon(true);
    return thread;
  }

  /**
   * The message with its picture in hand.
   *
   * @return the message itself if it refers to no picture
   * @throws InvalidRequest if it refers to one that may not be read, cannot be read in time, or is
   *     not the file that the reference tells of
   */
  public Message resolve(Message message) throws InvalidRequest, InterruptedException {
    if (message instanceof FaceImage face && face.image() instanceof ImageReference reference) {
      return face.withFile(new EncodedImage(read(reference)));
    }
    return message;
  }

  private byte[] read(ImageReference reference) throws InvalidRequest, InterruptedException {
    PictureAddress address = allowed(reference);
    if (reference.size() < 1 || reference.size() > settings.maxBytes()) {
      throw new InvalidRequest(
          Reason.IMAGE_TOO_LARGE,
          "the reference tells of %d bytes: 1 to %d are accepted"
              .formatted(reference.size(), settings.maxBytes()));
    }
    byte[] expected = sha256(reference);
    byte[] file = readInTime(address, (int) reference.size());
    if (file.length != reference.size() || !MessageDigest.isEqual(digest(file), expected)) {
      throw new InvalidRequest(
          Reason.BAD_REFERENCE,
          "the file is not the one that the reference tells of: its size or SHA-256 differs");
    }
    return file;
  }

  private PictureAddress allowed(ImageReference reference) throws InvalidRequest {
    if (settings.allowed().isEmpty()) {
      throw refused(
          "pictures by reference are not read here, since %s is empty: send the file in image"
              .formatted(ALLOW));
    }
    PictureAddress address;
    try {
      address = PictureAddress.file(reference.uri());
    } catch (IllegalArgumentException e) {
      throw refused(
          "the reference's uri %s: it is such as s3://bucket/folder/ada.jpg, in a folder of %s"
              .formatted(e.getMessage(), ALLOW));
    }
    if (settings.allowed().stream().noneMatch(folder -> folder.holds(address))) {
      throw refused("the reference's uri is in no folder of " + ALLOW);
    }
    return address;
  }

  private static InvalidRequest refused(String why) {
    return new InvalidRequest(Reason.BAD_REFERENCE, why);
  }

  private static byte[] sha256(ImageReference reference) throws InvalidRequest {
    try {
      if (reference.sha256().length() == SHA256_DIGITS) {
        return HexFormat.of().parseHex(reference.sha256());
      }
    } catch (IllegalArgumentException e) {
      throw notHex();
    }
    throw notHex();
  }

  private static InvalidRequest notHex() {
    return new InvalidRequest(
        Reason.BAD_REFERENCE, "the reference's sha256 is not 64 hexadecimal digits");
  }

  private static byte[] digest(byte[] file) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(file);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private byte[] readInTime(PictureAddress address, int size)
      throws InvalidRequest, InterruptedException {
    Future<byte[]> reading;
    try {
      reading = readers.submit(() -> read(address, size));
    } catch (RejectedExecutionException e) {
      throw unreadable(
          "cannot be read now: all %d readers wait for file systems that do not answer"
              .formatted(settings.maxReaders()));
    }
    try {
      return reading.get(settings.maxTime().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw unreadable(
          "was not read within %d ms (%s)"
              .formatted(settings.maxTime().toMillis(), ClaimOptions.MAX_TIME.key()));
    } catch (ExecutionException e) {
      throw told(e.getCause());
    } finally {
      reading.cancel(true);
    }
  }

  /** The messages of file systems hold addresses, and so are left out. */
  private static InvalidRequest told(Throwable cause) {
    if (cause instanceof InvalidRequest known) {
      return known;
    }
    boolean isMissing =
        cause instanceof FileNotFoundException || cause instanceof NoSuchFileException;
    return unreadable(
        isMissing
            ? "is not there: write the file before the request"
            : "cannot be read (%s)".formatted(cause.getClass().getSimpleName()));
  }

  private static InvalidRequest unreadable(String how) {
    return new InvalidRequest(
        Reason.REFERENCE_UNREADABLE,
        "the file that the reference names %s; send the request again".formatted(how));
  }

  /** On a reader's thread. One byte more than there should be tells a file that is longer. */
  private byte[] read(PictureAddress address, int size) throws IOException, InvalidRequest {
    Path path = address.isLocal() ? real(address) : new Path(address.uri());
    try (FSDataInputStream in = FileSystem.get(path.toUri()).open(path)) {
      return in.readNBytes(size + 1);
    }
  }

  /** Where a file of this machine is in truth, so that no link leads out of the folder. */
  private Path real(PictureAddress address) throws IOException, InvalidRequest {
    java.nio.file.Path file = java.nio.file.Path.of(address.uri()).toRealPath();
    for (PictureAddress folder : settings.allowed()) {
      if (folder.holds(address)
          && file.startsWith(java.nio.file.Path.of(folder.uri()).toRealPath())
          && Files.isRegularFile(file)) {
        return new Path(file.toUri());
      }
    }
    throw refused(
        "the reference's uri leads out of the folders of %s, or to no regular file"
            .formatted(ALLOW));
  }

  @Override
  public void close() {
    readers.shutdownNow();
  }
}
