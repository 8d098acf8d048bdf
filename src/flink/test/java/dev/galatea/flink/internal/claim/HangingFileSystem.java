package dev.galatea.flink.internal.claim;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.CountDownLatch;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;

/** A file system that does not answer until it is let, whatever interrupts it. */
public final class HangingFileSystem extends LocalFileSystem {
  private static volatile CountDownLatch hold = new CountDownLatch(1);

  static void holdOn() {
    hold = new CountDownLatch(1);
  }

  static void letGo() {
    hold.countDown();
  }

  @Override
  public FSDataInputStream open(Path path) throws IOException {
    while (true) {
      try {
        hold.await();
        return super.open(path);
      } catch (InterruptedException asMountsDo) {
        // Goes on to hang, as a mount of the network does.
      }
    }
  }

  /** Makes the one of the scheme {@code hang}. */
  public static final class Factory implements FileSystemFactory {
    @Override
    public String getScheme() {
      return "hang";
    }

    @Override
    public FileSystem create(URI uri) {
      return new HangingFileSystem();
    }
  }
}
