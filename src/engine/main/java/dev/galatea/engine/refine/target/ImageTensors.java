package dev.galatea.engine.refine.target;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.torch.Torch;
import dev.galatea.records.Picture;

/**
 * Converts pictures to images as the networks take them, {@code [1,3,S,S]} in [−1, 1], and back.
 */
public final class ImageTensors {
  private ImageTensors() {}

  static NDArray image(NDManager manager, Pack pack, Picture picture) {
    int size = pack.manifest().imageSize();
    if (picture.size() != size) {
      throw new IllegalArgumentException(
          "the picture has %d pixels along a side; pack '%s' takes %d"
              .formatted(picture.size(), pack.manifest().id(), size));
    }
    byte[] rgb = picture.rgb();
    int area = size * size;
    float[] planar = new float[3 * area];
    for (int pixel = 0; pixel < area; pixel++) {
      for (int channel = 0; channel < 3; channel++) {
        planar[channel * area + pixel] = (rgb[3 * pixel + channel] & 0xFF) / 127.5f - 1;
      }
    }
    return Torch.array(manager, pack.type(), new Shape(1, 3, size, size), planar);
  }

  /** Every image of a batch {@code [n,3,S,S]} as a picture. */
  public static Picture[] pictures(NDArray images) {
    int rows = (int) images.getShape().get(0);
    int size = (int) images.getShape().get(2);
    byte[] bytes =
        images
            .transpose(0, 2, 3, 1)
            .mul(127.5f)
            .add(128)
            .clip(0, 255)
            .toType(DataType.UINT8, false)
            .toByteArray();
    Picture[] pictures = new Picture[rows];
    int count = 3 * size * size;
    for (int row = 0; row < rows; row++) {
      byte[] rgb = new byte[count];
      System.arraycopy(bytes, row * count, rgb, 0, count);
      pictures[row] = new Picture(size, rgb);
    }
    return pictures;
  }
}
