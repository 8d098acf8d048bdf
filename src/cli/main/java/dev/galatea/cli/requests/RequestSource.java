package dev.galatea.cli.requests;

import dev.galatea.cli.UserError;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A request file with its pictures: in a directory, or the sample set in the jar. */
public interface RequestSource extends RequestFile.Pictures {

  /** Opens the request file. */
  InputStream requests() throws IOException;

  /**
   * A user's file. Its pictures are relative to the file.
   *
   * @throws UserError if the file does not exist
   */
  static RequestSource of(Path file) {
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new UserError("--requests: there is no readable file " + file);
    }
    Path directory = file.toAbsolutePath().getParent();
    return new RequestSource() {
      @Override
      public InputStream requests() throws IOException {
        return Files.newInputStream(file);
      }

      @Override
      public boolean exists(String name) {
        return Files.isRegularFile(directory.resolve(name));
      }

      @Override
      public byte[] read(String name) throws IOException {
        return Files.readAllBytes(directory.resolve(name));
      }
    };
  }

  /** The sample set. */
  static RequestSource bundled() {
    return new RequestSource() {
      private static final String FOLDER = "/dev/galatea/cli/samples/";

      @Override
      public InputStream requests() throws IOException {
        return open("requests.jsonl");
      }

      @Override
      public boolean exists(String name) {
        return RequestSource.class.getResource(FOLDER + name) != null;
      }

      @Override
      public byte[] read(String name) throws IOException {
        try (InputStream stream = open(name)) {
          return stream.readAllBytes();
        }
      }

      private InputStream open(String name) throws IOException {
        InputStream stream = RequestSource.class.getResourceAsStream(FOLDER + name);
        if (stream == null) {
          throw new FileNotFoundException("the sample " + name + " is not in the jar");
        }
        return stream;
      }
    };
  }
}
