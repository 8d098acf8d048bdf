package dev.galatea.engine.picture;

import java.awt.Graphics2D;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorConvertOp;
import java.awt.image.Raster;
import java.util.Arrays;

/** Images of any colour model as sRGB. */
final class SrgbPixels {
  /** What transparent pixels show: the light warm grey that the maquette was trained before. */
  private static final int[] BACKGROUND = {198, 192, 184};

  private SrgbPixels() {}

  /** {@code width · height · 3} bytes of sRGB, row by row, interleaved. */
  static byte[] rgb(BufferedImage image) {
    // Java takes grey for linear light and would brighten it; in files it is sRGB-encoded.
    return image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY
        ? grey(image)
        : colour(image);
  }

  private static byte[] colour(BufferedImage image) {
    int width = image.getWidth();
    int[] row = new int[width];
    byte[] rgb = new byte[3 * width * image.getHeight()];
    BufferedImage argb = argb(image);
    for (int y = 0, i = 0; y < image.getHeight(); y++) {
      argb.getRGB(0, y, width, 1, row, 0, width);
      for (int pixel : row) {
        int alpha = pixel >>> 24;
        rgb[i++] = blend(pixel >> 16 & 0xff, alpha, BACKGROUND[0]);
        rgb[i++] = blend(pixel >> 8 & 0xff, alpha, BACKGROUND[1]);
        rgb[i++] = blend(pixel & 0xff, alpha, BACKGROUND[2]);
      }
    }
    return rgb;
  }

  private static BufferedImage argb(BufferedImage image) {
    BufferedImage argb =
        new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_ARGB);
    if (!image.getColorModel().getColorSpace().isCS_sRGB()) {
      return new ColorConvertOp(null).filter(image, argb);
    }
    Graphics2D canvas = argb.createGraphics();
    canvas.drawImage(image, 0, 0, null);
    canvas.dispose();
    return argb;
  }

  private static byte[] grey(BufferedImage image) {
    Raster raster = image.getRaster();
    int width = image.getWidth();
    int white = (1 << raster.getSampleModel().getSampleSize(0)) - 1;
    boolean hasAlpha = image.getColorModel().hasAlpha();
    int[] grey = new int[width];
    int[] alpha = new int[width];
    Arrays.fill(alpha, white);
    byte[] rgb = new byte[3 * width * image.getHeight()];
    for (int y = 0, i = 0; y < image.getHeight(); y++) {
      raster.getSamples(0, y, width, 1, 0, grey);
      if (hasAlpha) {
        raster.getSamples(0, y, width, 1, 1, alpha);
      }
      for (int x = 0; x < width; x++) {
        for (int background : BACKGROUND) {
          rgb[i++] = blend(to8Bits(grey[x], white), to8Bits(alpha[x], white), background);
        }
      }
    }
    return rgb;
  }

  private static int to8Bits(int sample, int white) {
    return (int) ((sample * 255L + white / 2) / white);
  }

  private static byte blend(int colour, int alpha, int background) {
    return (byte) ((colour * alpha + background * (255 - alpha) + 127) / 255);
  }
}
