package dev.galatea.refine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.galatea.pack.Network;
import dev.galatea.pack.Pack;
import dev.galatea.pack.PackManifest;
import dev.galatea.pack.Torch;
import dev.galatea.request.Camera;
import dev.galatea.request.Picture;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Takes the pictures at the end of a slice. */
final class Photographer {
  private final Pack pack;
  private final List<Camera> cameras;

  Photographer(Pack pack, List<Viewpoint> views) {
    PackManifest.Orbit orbit = pack.manifest().camera();
    this.pack = pack;
    this.cameras =
        views.stream()
            .map(view -> Camera.orbit(view.yaw(), view.pitch(), orbit.radius(), orbit.focal()))
            .toList();
  }

  /** For each row its pictures, in the order of the views. */
  List<List<Picture>> shoot(NDManager manager, List<Progress> rows) {
    List<List<Picture>> pictures = new ArrayList<>();
    rows.forEach(row -> pictures.add(new ArrayList<>()));
    if (rows.isEmpty() || cameras.isEmpty()) {
      return pictures;
    }
    Torch.withoutGradient(
        () -> {
          shoot(manager, rows, pictures);
          return null;
        });
    return pictures;
  }

  private void shoot(NDManager manager, List<Progress> rows, List<List<Picture>> pictures) {
    try (NDManager scratch = manager.newSubManager()) {
      NDArray latents = Latents.join(scratch, pack, rows);
      NDArray planes = pack.run(Network.PLANES, latents);
      for (Camera camera : cameras) {
        NDArray views = pack.cameras(scratch, Collections.nCopies(rows.size(), camera));
        Picture[] taken = Pixels.pictures(pack.run(Network.RENDER, planes, latents, views));
        for (int row = 0; row < taken.length; row++) {
          pictures.get(row).add(taken[row]);
        }
      }
    }
  }
}
