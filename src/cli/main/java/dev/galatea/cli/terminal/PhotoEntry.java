package dev.galatea.cli.terminal;

import dev.galatea.records.result.Render;
import java.util.List;

/**
 * What was made of a photograph, as reports tell it.
 *
 * @param corners x and y of the crop's corners in the sent picture, clockwise from the upper left
 * @param confidence from 0 to 1
 * @param yaw radians that the camera was estimated to stand to the right of the face's front
 * @param pitch radians that it was estimated to stand above
 */
public record PhotoEntry(List<List<Float>> corners, float confidence, float yaw, float pitch) {

  /** The entry of a render's photo. */
  public static PhotoEntry of(Render.Photo photo) {
    return new PhotoEntry(
        photo.crop().corners().stream().map(corner -> List.of(corner.x(), corner.y())).toList(),
        photo.crop().confidence(),
        (float) photo.camera().yaw(),
        (float) photo.camera().pitch());
  }
}
