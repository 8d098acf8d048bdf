package dev.galatea.engine.picture;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.WritableRaster;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The ICC profile of a PNG or WebP file, which their decoders pass over. A file whose profile
 * cannot be read is taken for sRGB, as viewers do.
 */
final class IccProfile {
  /** A longer profile is passed over; those of cameras and screens have some kilobytes. */
  private static final int MAX_BYTES = 4 << 20;

  private IccProfile() {}

  /** A PNG's image with its colours as the file's profile means them. */
  static BufferedImage ofPng(byte[] file, BufferedImage image) {
    boolean isGrey = image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY;
    return isGrey ? image : applied(() -> inflated(Chunks.png(file, "iCCP")), image);
  }

  /** A WebP's image with its colours as the file's profile means them. */
  static BufferedImage ofWebp(byte[] file, BufferedImage image) {
    return applied(() -> Chunks.riff(file, "ICCP"), image);
  }

  /** The bytes of a profile; none where there is none. */
  private interface Source {
    byte[] profile() throws DataFormatException;
  }

  private static BufferedImage applied(Source source, BufferedImage image) {
    return read(source).map(space -> retagged(image, space)).orElse(image);
  }

  private static Optional<ColorSpace> read(Source source) {
    try {
      byte[] profile = source.profile();
      if (profile.length == 0 || profile.length > MAX_BYTES) {
        return Optional.empty();
      }
      ICC_ColorSpace space = new ICC_ColorSpace(ICC_Profile.getInstance(profile));
      boolean isUsable = space.getNumComponents() == 3;
      space.toRGB(new float[space.getNumComponents()]); // finds a profile that is only half there
      return isUsable ? Optional.of(space) : Optional.empty();
    } catch (DataFormatException | RuntimeException isNoProfile) {
      return Optional.empty();
    }
  }

  /** The profile of a chunk, which begins with a name, a zero and the method. */
  private static byte[] inflated(byte[] chunk) throws DataFormatException {
    int compressed = 2;
    for (int i = 0; i < chunk.length && chunk[i] != 0; i++) {
      compressed++;
    }
    return chunk.length <= compressed
        ? Chunks.NONE
        : inflated(chunk, compressed, chunk.length - compressed);
  }

  private static byte[] inflated(byte[] chunk, int from, int count) throws DataFormatException {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(chunk, from, count);
      byte[] profile = new byte[MAX_BYTES];
      int length = inflater.inflate(profile);
      if (!inflater.finished()) {
        throw new DataFormatException("the profile is cut or too long");
      }
      return Arrays.copyOf(profile, length);
    } finally {
      inflater.end();
    }
  }

  /** The same numbers in another colour space. */
  private static BufferedImage retagged(BufferedImage image, ColorSpace space) {
    int width = image.getWidth();
    int height = image.getHeight();
    ComponentColorModel model =
        new ComponentColorModel(space, true, false, Transparency.TRANSLUCENT, DataBuffer.TYPE_BYTE);
    WritableRaster raster = model.createCompatibleWritableRaster(width, height);
    int[] row = new int[width];
    int[] samples = new int[4 * width];
    for (int y = 0; y < height; y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int x = 0; x < width; x++) {
        samples[4 * x] = row[x] >> 16 & 0xff;
        samples[4 * x + 1] = row[x] >> 8 & 0xff;
        samples[4 * x + 2] = row[x] & 0xff;
        samples[4 * x + 3] = row[x] >>> 24;
      }
      raster.setPixels(0, y, width, 1, samples);
    }
    return new BufferedImage(model, raster, false, null);
  }
}
