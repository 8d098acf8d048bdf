package dev.galatea.cli.terminal;

import dev.galatea.cli.UserError;
import dev.galatea.records.result.Render;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Writes pictures to a directory: {@code <identity>/v0003_yaw+0.35.png} for each view of a
 * completed request, and {@code <identity>/preview.png} while a request is in hand. A file appears
 * whole or not at all.
 */
public final class PictureFolder {
  private static final String PREVIEW = "preview";
  private static final int LONGEST_NAME = 120;

  private final Path root;

  /**
   * A picture that was written.
   *
   * @param yaw radians
   * @param pitch radians
   * @param file relative to the directory, with forward slashes
   */
  public record WrittenView(float yaw, float pitch, String file) {}

  private PictureFolder(Path root) {
    this.root = root;
  }

  /**
   * Opens a directory and makes it if it does not exist.
   *
   * @throws UserError if nothing can be written there
   */
  public static PictureFolder open(Path root) {
    try {
      Files.createDirectories(root);
      Files.delete(Files.createTempFile(root, ".galatea-", ".probe"));
      return new PictureFolder(root);
    } catch (IOException e) {
      throw new UserError(
          "nothing can be written to %s (%s); choose another directory with --out"
              .formatted(root.toAbsolutePath(), e.getClass().getSimpleName()),
          e);
    }
  }

  public Path root() {
    return root;
  }

  /** Writes the views of a final render. */
  public List<WrittenView> write(Render render) throws IOException {
    List<WrittenView> written = new ArrayList<>();
    for (Render.View view : render.views()) {
      String name =
          "%s/v%04d_%s.%s"
              .formatted(
                  directoryName(render.identity()),
                  render.version(),
                  angles(view),
                  extension(view.mediaType()));
      write(name, view.image());
      written.add(new WrittenView(view.yaw(), view.pitch(), name));
    }
    return written;
  }

  /**
   * Writes a view of a final render under a plain name, {@code <identity>/003-0.png}.
   *
   * @param index of the view, from 0
   * @return the file's name
   */
  public String writeNumbered(Render render, int index, Render.View view) throws IOException {
    String name =
        "%s/%03d-%d.%s"
            .formatted(
                directoryName(render.identity()),
                render.version(),
                index,
                extension(view.mediaType()));
    write(name, view.image());
    return name;
  }

  /** Writes the first view of a preview over the last preview. */
  public void writePreview(Render render) throws IOException {
    Render.View view = render.views().get(0);
    write(previewName(render.identity(), view.mediaType()), view.image());
  }

  /** Removes the preview of an identity that has a final render. */
  public void removePreview(Render render) throws IOException {
    for (Render.View view : render.views()) {
      Files.deleteIfExists(root.resolve(previewName(render.identity(), view.mediaType())));
    }
  }

  /** Writes a file so that it appears whole. */
  public void write(String name, byte[] bytes) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Path partial = file.resolveSibling(file.getFileName() + ".part");
    Files.write(partial, bytes);
    Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private static String previewName(String identity, String mediaType) {
    return directoryName(identity) + "/" + PREVIEW + "." + extension(mediaType);
  }

  private static String angles(Render.View view) {
    String yaw = String.format(Locale.ROOT, "yaw%+.2f", view.yaw());
    return view.pitch() == 0 ? yaw : yaw + String.format(Locale.ROOT, "_pitch%+.2f", view.pitch());
  }

  private static String extension(String mediaType) {
    return switch (mediaType) {
      case "image/png" -> "png";
      case "image/jpeg" -> "jpg";
      default -> throw new IllegalArgumentException("no file extension for " + mediaType);
    };
  }

  /** Makes a directory's name of an identity, which may be any text of any length. */
  public static String directoryName(String identity) {
    StringBuilder name = new StringBuilder();
    for (byte b : identity.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      boolean plain =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '-'
              || c == '_'
              || (c == '.' && !name.isEmpty());
      name.append(plain ? String.valueOf(c) : "%%%02X".formatted((int) c));
    }
    return name.length() <= LONGEST_NAME
        ? name.toString()
        : name.substring(0, LONGEST_NAME - 9) + "-%08x".formatted(identity.hashCode());
  }
}
