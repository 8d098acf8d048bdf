package dev.galatea.engine.refine.target;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.galatea.engine.guidance.PictureFeatures;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.engine.refine.Intent;
import dev.galatea.engine.torch.Torch;
import dev.galatea.records.Camera;
import dev.galatea.records.Picture;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Caches what the networks see in photos.
 *
 * <p><b>Owned state:</b> the features of recent photos, on the device. <b>Threading:</b> the
 * refiner's thread.
 */
final class PhotoCache {
  private final Pack pack;
  private final NDManager manager;
  private final LeastRecentlyUsed<ByteBuffer, Photo> photos;

  PhotoCache(Pack pack, NDManager manager, int capacity) {
    this.pack = pack;
    this.manager = manager;
    this.photos = new LeastRecentlyUsed<>(capacity, photo -> photo.features().close());
  }

  /** The photo, with the producer's camera or, without one, the camera that the pack estimates. */
  Photo of(Intent.Source source) {
    Photo photo = photos.get(digest(source.picture()), () -> examine(source.picture()));
    return new Photo(source.camera().orElse(photo.camera()), photo.features());
  }

  private Photo examine(Picture picture) {
    try (NDManager scratch = manager.newSubManager()) {
      return Torch.withoutGradient(
          () -> {
            NDArray image = ImageTensors.image(scratch, pack, picture);
            Photo photo = new Photo(pose(image), PictureFeatures.of(pack, image));
            photo.features().keptBy(manager);
            return photo;
          });
    }
  }

  private Camera pose(NDArray image) {
    return pack.has(Network.POSE)
        ? new Camera(Torch.floats(pack.run(Network.POSE, image)))
        : frontal();
  }

  /** The camera straight in front of the face, for a photo without another camera. */
  Camera frontal() {
    PackManifest.Orbit orbit = pack.manifest().camera();
    return Camera.orbit(0, 0, orbit.radius(), orbit.focal());
  }

  private static ByteBuffer digest(Picture picture) {
    try {
      return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(picture.rgb()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  void trim() {
    photos.trim();
  }

  void clear() {
    photos.clear();
  }

  /** A photo's camera and features. */
  record Photo(Camera camera, PictureFeatures features) {}
}
