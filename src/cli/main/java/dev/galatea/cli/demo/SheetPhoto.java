package dev.galatea.cli.demo;

import dev.galatea.engine.picture.PictureFiles;
import dev.galatea.engine.picture.WholePicture;
import dev.galatea.records.HeadCrop;
import dev.galatea.records.Picture;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Image;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.NoninvertibleTransformException;
import java.awt.image.BufferedImage;
import java.util.Optional;

/**
 * A photo on the sheet.
 *
 * @param sent the photo as it was sent, upright
 * @param aligned the crop that Galatea made of it; empty if it was sent aligned, or none was made
 */
record SheetPhoto(BufferedImage sent, Optional<BufferedImage> aligned) {

  /** A photo that is a crop already. */
  static SheetPhoto of(Picture crop) {
    return new SheetPhoto(PictureFiles.toImage(crop), Optional.empty());
  }

  /**
   * A photograph as it was taken.
   *
   * @param size pixels along its longer side on the sheet
   */
  static SheetPhoto of(WholePicture photograph, int size) {
    double scale = (double) size / Math.max(photograph.width(), photograph.height());
    return new SheetPhoto(scaled(PictureFiles.toImage(photograph), scale), Optional.empty());
  }

  /**
   * This photo with the crop that Galatea made of it.
   *
   * @param photograph the same photo
   * @param size pixels along a side of the crop on the sheet
   */
  SheetPhoto with(WholePicture photograph, HeadCrop crop, int size) {
    return new SheetPhoto(sent, Optional.of(cut(photograph, crop, size)));
  }

  /** The crop, upright. What of it lies beyond the photograph is white. */
  private static BufferedImage cut(WholePicture photograph, HeadCrop crop, int size) {
    HeadCrop.Point first = crop.corners().get(0);
    HeadCrop.Point right = crop.corners().get(1);
    HeadCrop.Point below = crop.corners().get(3);
    double side = Math.hypot(right.x() - first.x(), right.y() - first.y());
    // Averages over areas first: the transform that follows only looks at neighbours.
    double scale = Math.min(1, size * photograph.step() / side);
    BufferedImage near = scaled(PictureFiles.toImage(photograph), scale);
    double pixel = scale / photograph.step() / size;
    AffineTransform toPhotograph =
        new AffineTransform(
            pixel * (right.x() - first.x()),
            pixel * (right.y() - first.y()),
            pixel * (below.x() - first.x()),
            pixel * (below.y() - first.y()),
            scale / photograph.step() * first.x(),
            scale / photograph.step() * first.y());
    return transformed(near, toPhotograph, size);
  }

  private static BufferedImage transformed(BufferedImage from, AffineTransform toSource, int size) {
    BufferedImage image = new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    try {
      graphics.setColor(Color.WHITE);
      graphics.fillRect(0, 0, size, size);
      graphics.setRenderingHint(
          RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
      graphics.drawImage(from, toSource.createInverse(), null);
      return image;
    } catch (NoninvertibleTransformException e) {
      throw new IllegalArgumentException("a crop whose corners span no square", e);
    } finally {
      graphics.dispose();
    }
  }

  private static BufferedImage scaled(BufferedImage image, double scale) {
    int width = Math.max(1, (int) Math.round(scale * image.getWidth()));
    int height = Math.max(1, (int) Math.round(scale * image.getHeight()));
    BufferedImage scaled = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = scaled.createGraphics();
    try {
      Image averaged = image.getScaledInstance(width, height, Image.SCALE_AREA_AVERAGING);
      graphics.drawImage(averaged, 0, 0, null);
      return scaled;
    } finally {
      graphics.dispose();
    }
  }
}
