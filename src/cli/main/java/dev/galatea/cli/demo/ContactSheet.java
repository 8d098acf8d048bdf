package dev.galatea.cli.demo;

import dev.galatea.cli.terminal.PictureFolder;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;

/**
 * Draws {@code sheet.png}. Each identity has a row: its photo, the crop that Galatea made of it
 * where any row has one, then its requests in order. A cell shows the most frontal view large and
 * the other views below it, or why the request was rejected.
 */
final class ContactSheet {
  static final String FILE_NAME = "sheet.png";

  /** Bounds of the picture. If there are more requests, the latest are shown. */
  static final int MAX_ROWS = 64;

  static final int MAX_COLUMNS = 12;

  /** Pixels along a side of a large picture. */
  static final int PICTURE = 192;

  private static final int GAP = 12;
  private static final int TEXT = 22;
  private static final int SMALL_TEXT = 13;
  private static final Color PAPER = new Color(0xfafaf7);
  private static final Color INK = new Color(0x222222);
  private static final Color PALE = new Color(0xe4e2dc);
  private static final Color WARNING = new Color(0x9c2f1f);

  private final Path root;
  private final int strip;
  private final int photos;

  private ContactSheet(Path root, List<SheetRow> rows) {
    this.root = root;
    int most = rows.stream().mapToInt(SheetRow::views).max().orElse(1);
    this.strip = most > 1 ? PICTURE / Math.max(2, most - 1) : 0;
    this.photos = rows.stream().anyMatch(row -> row.aligned().isPresent()) ? 2 : 1;
  }

  /**
   * Draws the sheet from the pictures in the folder.
   *
   * @return a PNG
   */
  static byte[] draw(Path root, DemoRecord journal) throws IOException {
    List<SheetRow> rows =
        journal.identities().stream()
            .filter(name -> !journal.entries(name).isEmpty())
            .limit(MAX_ROWS)
            .map(name -> new SheetRow(name, journal.photo(name), latest(journal.entries(name))))
            .toList();
    ContactSheet sheet = new ContactSheet(root, rows);
    int columns =
        sheet.photos + rows.stream().mapToInt(row -> row.entries().size()).max().orElse(0);
    BufferedImage image =
        new BufferedImage(
            GAP + columns * (PICTURE + GAP),
            GAP + Math.max(1, rows.size()) * sheet.rowHeight(),
            BufferedImage.TYPE_INT_RGB);
    sheet.paint(image, rows);
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(image, "png", png);
    return png.toByteArray();
  }

  private record SheetRow(
      String identity, Optional<SheetPhoto> photo, List<DemoRecord.Entry> entries) {
    Optional<BufferedImage> aligned() {
      return photo.flatMap(SheetPhoto::aligned);
    }

    int views() {
      return entries.stream().mapToInt(ContactSheet::pictures).max().orElse(1);
    }
  }

  private static int pictures(DemoRecord.Entry entry) {
    return entry.match(done -> done.views().size(), refused -> 1);
  }

  private static List<DemoRecord.Entry> latest(List<DemoRecord.Entry> entries) {
    return entries.subList(Math.max(0, entries.size() - MAX_COLUMNS), entries.size());
  }

  /** The identity's name, the request's label, the pictures. */
  private int rowHeight() {
    return 2 * TEXT + PICTURE + strip + GAP;
  }

  private void paint(BufferedImage image, List<SheetRow> rows) throws IOException {
    Graphics2D graphics = image.createGraphics();
    try {
      graphics.setRenderingHint(
          RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
      graphics.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      graphics.setColor(PAPER);
      graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
      for (int r = 0; r < rows.size(); r++) {
        int top = GAP + r * rowHeight();
        text(graphics, rows.get(r).identity(), GAP, top, Font.BOLD, INK, image.getWidth() - GAP);
        row(graphics, rows.get(r), top + TEXT);
      }
    } finally {
      graphics.dispose();
    }
  }

  private void row(Graphics2D graphics, SheetRow row, int top) throws IOException {
    if (row.photo().isPresent()) {
      photo(graphics, "as sent", row.photo().get().sent(), GAP, top);
    }
    if (row.aligned().isPresent()) {
      photo(graphics, "aligned", row.aligned().get(), GAP + PICTURE + GAP, top);
    }
    int left = GAP + photos * (PICTURE + GAP);
    for (DemoRecord.Entry entry : row.entries()) {
      int at = left;
      left =
          entry.match(
              done -> completed(graphics, done, at, top),
              refused -> rejected(graphics, refused, at, top));
    }
  }

  /** Paints a cell: the whole picture, as large as fits. */
  private static void photo(
      Graphics2D graphics, String label, BufferedImage picture, int left, int top) {
    text(graphics, label, left, top, Font.PLAIN, INK, PICTURE);
    int longer = Math.max(picture.getWidth(), picture.getHeight());
    int width = Math.max(1, PICTURE * picture.getWidth() / longer);
    int height = Math.max(1, PICTURE * picture.getHeight() / longer);
    int x = left + (PICTURE - width) / 2;
    int y = top + TEXT + (PICTURE - height) / 2;
    graphics.drawImage(picture, x, y, width, height, null);
  }

  /** Paints a cell and returns where the next one begins. */
  private int completed(Graphics2D graphics, DemoRecord.CompletedRequest done, int left, int top)
      throws IOException {
    String label = "v%d  %s".formatted(done.version(), done.label());
    text(graphics, label, left, top, Font.PLAIN, INK, PICTURE);
    pictures(graphics, done, left, top + TEXT);
    return left + PICTURE + GAP;
  }

  /** Paints a cell and returns where the next one begins. */
  private static int rejected(
      Graphics2D graphics, DemoRecord.RejectedRequest refused, int left, int top) {
    text(graphics, refused.label(), left, top, Font.PLAIN, WARNING, PICTURE);
    graphics.setColor(PALE);
    graphics.fillRect(left, top + TEXT, PICTURE, PICTURE);
    text(graphics, "rejected", left + GAP, top + TEXT + GAP, Font.BOLD, WARNING, PICTURE - GAP);
    String reason = refused.reason().name();
    text(graphics, reason, left + GAP, top + 2 * TEXT + GAP, Font.PLAIN, WARNING, PICTURE - GAP);
    sentence(graphics, refused.message(), left + GAP, top + 3 * TEXT + GAP);
    return left + PICTURE + GAP;
  }

  private void pictures(Graphics2D graphics, DemoRecord.CompletedRequest done, int left, int top)
      throws IOException {
    List<PictureFolder.WrittenView> views = new ArrayList<>(done.views());
    views.sort(Comparator.comparingDouble(view -> Math.hypot(view.yaw(), view.pitch())));
    graphics.drawImage(read(views.get(0)), left, top, PICTURE, PICTURE, null);
    List<PictureFolder.WrittenView> others = new ArrayList<>(views.subList(1, views.size()));
    others.sort(Comparator.comparingDouble(PictureFolder.WrittenView::yaw));
    for (int i = 0; i < others.size(); i++) {
      graphics.drawImage(read(others.get(i)), left + i * strip, top + PICTURE, strip, strip, null);
    }
  }

  private BufferedImage read(PictureFolder.WrittenView view) throws IOException {
    BufferedImage picture = ImageIO.read(root.resolve(view.file()).toFile());
    if (picture == null) {
      throw new IOException(view.file() + " is not a picture");
    }
    return picture;
  }

  /** A sentence in small type, in as many lines as a cell has below its two headings. */
  private static void sentence(Graphics2D graphics, String text, int left, int top) {
    graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, SMALL_TEXT - 3));
    graphics.setColor(INK);
    FontMetrics metrics = graphics.getFontMetrics();
    List<String> lines = wrapped(text, metrics, PICTURE - 2 * GAP);
    int most = (PICTURE - 2 * TEXT - GAP) / SMALL_TEXT;
    for (int i = 0; i < Math.min(most, lines.size()); i++) {
      boolean isCut = i == most - 1 && i < lines.size() - 1;
      int baseline = top + i * SMALL_TEXT + metrics.getAscent();
      graphics.drawString(isCut ? lines.get(i) + " …" : lines.get(i), left, baseline);
    }
  }

  private static List<String> wrapped(String text, FontMetrics metrics, int width) {
    List<String> lines = new ArrayList<>();
    String line = "";
    for (String word : text.split(" ")) {
      String longer = line.isEmpty() ? word : line + " " + word;
      if (!line.isEmpty() && metrics.stringWidth(longer) > width) {
        lines.add(line);
        longer = word;
      }
      line = longer;
    }
    lines.add(line);
    return lines;
  }

  /** One line, cut to the width. */
  private static void text(
      Graphics2D graphics, String text, int left, int top, int style, Color colour, int width) {
    graphics.setFont(new Font(Font.SANS_SERIF, style, 13));
    graphics.setColor(colour);
    String line = text;
    while (graphics.getFontMetrics().stringWidth(line) > width && line.length() > 2) {
      line = line.substring(0, line.length() - 2) + "…";
    }
    graphics.drawString(line, left, top + graphics.getFontMetrics().getAscent() + 2);
  }
}
