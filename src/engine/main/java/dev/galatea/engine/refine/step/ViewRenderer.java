package dev.galatea.engine.refine.step;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.galatea.engine.latent.Latent;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.engine.refine.Viewpoint;
import dev.galatea.engine.refine.target.ImageTensors;
import dev.galatea.engine.torch.Torch;
import dev.galatea.records.Camera;
import dev.galatea.records.Picture;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Renders the pictures at the end of a slice. */
public final class ViewRenderer {
  private final Pack pack;
  private final List<Camera> cameras;

  public ViewRenderer(Pack pack, List<Viewpoint> views) {
    PackManifest.Orbit orbit = pack.manifest().camera();
    this.pack = pack;
    this.cameras =
        views.stream()
            .map(view -> Camera.orbit(view.yaw(), view.pitch(), orbit.radius(), orbit.focal()))
            .toList();
  }

  /** The pictures of each row, in the order of the views. */
  public List<List<Picture>> render(NDManager manager, List<ActiveRow> rows) {
    List<List<Picture>> pictures = new ArrayList<>();
    rows.forEach(row -> pictures.add(new ArrayList<>()));
    if (rows.isEmpty() || cameras.isEmpty()) {
      return pictures;
    }
    Torch.withoutGradient(
        () -> {
          render(manager, rows, pictures);
          return null;
        });
    return pictures;
  }

  /** Pictures of one latent, in the order of the cameras; without any, of the views. */
  public List<Picture> look(NDManager manager, Latent latent, List<Camera> from) {
    return Torch.withoutGradient(
        () -> {
          List<Picture> pictures = new ArrayList<>();
          try (NDManager scratch = manager.newSubManager()) {
            NDArray latents = pack.latents(scratch, latent.toArray());
            NDArray planes = pack.run(Network.PLANES, latents);
            for (Camera camera : from.isEmpty() ? cameras : from) {
              NDArray view = pack.cameras(scratch, List.of(camera));
              pictures.addAll(
                  List.of(ImageTensors.pictures(pack.run(Network.RENDER, planes, latents, view))));
            }
          }
          return pictures;
        });
  }

  private void render(NDManager manager, List<ActiveRow> rows, List<List<Picture>> pictures) {
    try (NDManager scratch = manager.newSubManager()) {
      NDArray latents = pack.latents(scratch, ActiveRow.join(rows));
      NDArray planes = pack.run(Network.PLANES, latents);
      for (Camera camera : cameras) {
        NDArray views = pack.cameras(scratch, Collections.nCopies(rows.size(), camera));
        Picture[] rendered =
            ImageTensors.pictures(pack.run(Network.RENDER, planes, latents, views));
        for (int row = 0; row < rendered.length; row++) {
          pictures.get(row).add(rendered[row]);
        }
      }
    }
  }
}
