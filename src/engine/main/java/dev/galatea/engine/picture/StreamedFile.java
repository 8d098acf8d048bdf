package dev.galatea.engine.picture;

import java.awt.Dimension;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadWarningListener;

/** A PNG or JPEG file, which is decoded as it is read, until a deadline. */
final class StreamedFile implements OpenedFile {
  /** Gives an image the colours that its file means. */
  private interface Colours {
    BufferedImage of(BufferedImage image);
  }

  private final ImageReader reader;
  private final FileInput in;
  private final Colours colours;

  private StreamedFile(ImageReader reader, FileInput in, Colours colours) {
    this.reader = reader;
    this.in = in;
    this.colours = colours;
    reader.setInput(in, true, true);
  }

  static StreamedFile png(byte[] file, Duration limit) throws IOException {
    return new StreamedFile(
        ImageCodecs.pngReader(),
        new FileInput(file, limit),
        image -> IccProfile.ofPng(file, image));
  }

  /** The reader of JPEG sees to profiles itself. */
  static StreamedFile jpeg(byte[] file, Duration limit) throws IOException {
    return new StreamedFile(ImageCodecs.jpegReader(), new FileInput(file, limit), image -> image);
  }

  @Override
  public Dimension size() throws IOException {
    return new Dimension(reader.getWidth(0), reader.getHeight(0));
  }

  @Override
  public BufferedImage pixels(Rectangle region, int step) throws IOException {
    Damage damage = new Damage();
    reader.addIIOReadWarningListener(damage);
    ImageReadParam parameters = reader.getDefaultReadParam();
    parameters.setSourceRegion(region);
    parameters.setSourceSubsampling(step, step, step / 2, step / 2);
    BufferedImage image = reader.read(0, parameters);
    damage.check();
    return colours.of(image);
  }

  @Override
  public boolean isLate() {
    return in.isLate();
  }

  @Override
  public void close() throws IOException {
    reader.dispose();
    in.close();
  }

  /** Remembers that libjpeg filled up a broken file with grey, of which it only warns. */
  private static final class Damage implements IIOReadWarningListener {
    private boolean seen;

    @Override
    public void warningOccurred(ImageReader source, String warning) {
      seen |= warning.startsWith("Truncated File") || warning.startsWith("Corrupt JPEG data");
    }

    void check() throws IOException {
      if (seen) {
        throw new EOFException();
      }
    }
  }
}
