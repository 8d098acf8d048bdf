package dev.galatea.cli;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where request files and their pictures come from: a directory, or the sample set in the jar. */
interface Samples extends RequestFile.Pictures {

  /** Opens the request file. */
  InputStream requests() throws IOException;

  /**
   * The user's file; pictures are relative to it.
   *
   * @throws UserError if there is none
   */
  static Samples of(Path file) {
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new UserError("--requests: there is no readable file " + file);
    }
    Path directory = file.toAbsolutePath().getParent();
    return new Samples() {
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
  static Samples bundled() {
    return new Samples() {
      private static final String FOLDER = "/dev/galatea/samples/";

      @Override
      public InputStream requests() throws IOException {
        return open("requests.jsonl");
      }

      @Override
      public boolean exists(String name) {
        return Samples.class.getResource(FOLDER + name) != null;
      }

      @Override
      public byte[] read(String name) throws IOException {
        try (InputStream stream = open(name)) {
          return stream.readAllBytes();
        }
      }

      private InputStream open(String name) throws IOException {
        InputStream stream = Samples.class.getResourceAsStream(FOLDER + name);
        if (stream == null) {
          throw new FileNotFoundException("the sample " + name + " is not in the jar");
        }
        return stream;
      }
    };
  }
}
