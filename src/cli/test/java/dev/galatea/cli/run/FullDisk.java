package dev.galatea.cli.run;

import java.io.IOException;
import java.net.URI;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;

/** A file system of Flink's under {@code full:}, on which directories fit and nothing else does. */
public final class FullDisk extends LocalFileSystem {
  @Override
  public URI getUri() {
    return URI.create("full:///");
  }

  @Override
  public boolean mkdirs(Path path) {
    return true;
  }

  @Override
  public boolean delete(Path path, boolean recursive) {
    return false;
  }

  @Override
  public FSDataOutputStream create(Path path, FileSystem.WriteMode overwrite) throws IOException {
    throw new IOException("No space left on device");
  }

  /** Found by Flink as a service. */
  public static final class Factory implements FileSystemFactory {
    @Override
    public String getScheme() {
      return "full";
    }

    @Override
    public FileSystem create(URI address) {
      return new FullDisk();
    }
  }
}
