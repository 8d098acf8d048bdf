package dev.galatea.engine.photograph;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.galatea.engine.picture.ImageDecoder;
import dev.galatea.engine.picture.ImageLimits;
import dev.galatea.engine.picture.WholePicture;
import dev.galatea.records.HeadCrop;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.StreamSupport;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** The made-up photographs of rendered people, and others that are made of them. */
final class MadeUpPhotographs {
  private static final ImageDecoder DECODER = new ImageDecoder(16, ImageLimits.DEFAULTS);

  private MadeUpPhotographs() {}

  /**
   * What the Python path finds.
   *
   * @param corners x and y of the four corners
   * @param blocks mean colours of 8 × 8 blocks of the matted crop, row by row, interleaved
   */
  record Person(
      String file,
      List<List<Float>> corners,
      double yaw,
      double pitch,
      float confidence,
      List<Integer> blocks) {

    HeadCrop crop() {
      return new HeadCrop(
          corners.stream().map(at -> new HeadCrop.Point(at.get(0), at.get(1))).toList(),
          confidence);
    }

    BufferedImage image() throws IOException {
      return ImageIO.read(new ByteArrayInputStream(bytes()));
    }

    byte[] bytes() throws IOException {
      return resource(file);
    }
  }

  static List<Person> people() throws IOException {
    ObjectMapper json = new ObjectMapper();
    JsonNode list = json.readTree(resource("people.json"));
    return StreamSupport.stream(list.spliterator(), false)
        .map(entry -> json.convertValue(entry, Person.class))
        .toList();
  }

  /** A grey picture with another one in it, so many times as large, turned clockwise. */
  static BufferedImage placed(
      BufferedImage picture, int width, int height, double x, double y, double scale, double lean) {
    BufferedImage canvas = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
    fill(canvas);
    draw(canvas, picture, x, y, scale, lean);
    return canvas;
  }

  /** Draws a picture about a point. */
  static void draw(
      BufferedImage canvas, BufferedImage picture, double x, double y, double scale, double lean) {
    Graphics2D graphics = canvas.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    graphics.translate(x, y);
    graphics.rotate(lean);
    graphics.scale(scale, scale);
    graphics.drawImage(picture, -picture.getWidth() / 2, -picture.getHeight() / 2, null);
    graphics.dispose();
  }

  private static void fill(BufferedImage canvas) {
    Graphics2D graphics = canvas.createGraphics();
    graphics.setColor(Color.GRAY);
    graphics.fillRect(0, 0, canvas.getWidth(), canvas.getHeight());
    graphics.dispose();
  }

  static WholePicture whole(BufferedImage image) throws Exception {
    return whole(file(image, "png"));
  }

  static WholePicture whole(byte[] file) throws Exception {
    return DECODER.decodeWhole(file);
  }

  /** The bytes of a file. */
  static byte[] file(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      ImageIO.write(image, format, out);
    }
    return bytes.toByteArray();
  }

  /** A JPEG file that tells an EXIF orientation. */
  static byte[] oriented(byte[] jpeg, int orientation) {
    byte[] exif = {
      (byte) 0xff,
      (byte) 0xe1,
      0,
      34,
      'E',
      'x',
      'i',
      'f',
      0,
      0, // the segment, of 34 bytes
      'M',
      'M',
      0,
      42,
      0,
      0,
      0,
      8,
      0,
      1, // TIFF with one entry
      1,
      0x12,
      0,
      3,
      0,
      0,
      0,
      1,
      0,
      (byte) orientation,
      0,
      0,
      0,
      0,
      0,
      0
    };
    return ByteBuffer.allocate(jpeg.length + exif.length)
        .put(jpeg, 0, 2)
        .put(exif)
        .put(jpeg, 2, jpeg.length - 2)
        .array();
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream file = MadeUpPhotographs.class.getResourceAsStream("/photographs/" + name)) {
      return file.readAllBytes();
    }
  }
}
