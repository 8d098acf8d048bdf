package dev.galatea.engine.picture;

import java.awt.Dimension;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.io.IOException;

/** An image file at hand, of which nothing is decoded before its size was looked at. */
interface OpenedFile extends AutoCloseable {
  /**
   * Width and height, as the header tells them.
   *
   * @throws IOException if the header is broken
   */
  Dimension size() throws IOException;

  /**
   * The pixels of a region, in the file's own colour model.
   *
   * @param step takes the middle one of every so many pixels, along and across; 1 takes all
   * @throws IOException if the file is broken
   */
  BufferedImage pixels(Rectangle region, int step) throws IOException;

  /** Whether decoding was stopped, or would be, as it takes too long. */
  boolean isLate();

  @Override
  void close() throws IOException;
}
