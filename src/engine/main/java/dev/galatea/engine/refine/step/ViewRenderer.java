package dev.galatea.engine.refine.step;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.galatea.engine.latent.Latent;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.engine.refine.target.ImageTensors;
import dev.galatea.engine.torch.Torch;
import dev.galatea.records.Camera;
import dev.galatea.records.Picture;
import dev.galatea.records.Viewpoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Renders the pictures at the end of a slice. */
public final class ViewRenderer {
  private final Pack pack;
  private final List<Camera> configured;

  /**
   * @param views of rows that have none of their own
   */
  public ViewRenderer(Pack pack, List<Viewpoint> views) {
    this.pack = pack;
    this.configured = cameras(views);
  }

  private List<Camera> cameras(List<Viewpoint> views) {
    PackManifest.Orbit orbit = pack.manifest().camera();
    return views.stream()
        .map(view -> Camera.orbit(view.yaw(), view.pitch(), orbit.radius(), orbit.focal()))
        .toList();
  }

  /** The pictures of each row, in the order of its views. */
  public List<List<Picture>> render(NDManager manager, List<ActiveRow> rows) {
    if (rows.isEmpty()) {
      return List.of();
    }
    return Torch.withoutGradient(() -> pictures(manager, rows));
  }

  /** Pictures of one latent, in the order of the cameras; without any, of the views. */
  public List<Picture> look(NDManager manager, Latent latent, List<Camera> from) {
    return Torch.withoutGradient(
        () -> {
          List<Picture> pictures = new ArrayList<>();
          try (NDManager scratch = manager.newSubManager()) {
            NDArray latents = pack.latents(scratch, latent.toArray());
            NDArray planes = pack.run(Network.PLANES, latents);
            for (Camera camera : from.isEmpty() ? configured : from) {
              NDArray view = pack.cameras(scratch, List.of(camera));
              pictures.addAll(
                  List.of(ImageTensors.pictures(pack.run(Network.RENDER, planes, latents, view))));
            }
          }
          return pictures;
        });
  }

  /** All rows are drawn together, each from its first camera, then each from its second. */
  private List<List<Picture>> pictures(NDManager manager, List<ActiveRow> rows) {
    List<List<Camera>> cameras = rows.stream().map(this::cameras).toList();
    List<List<Picture>> pictures = new ArrayList<>();
    rows.forEach(row -> pictures.add(new ArrayList<>()));
    List<Camera> most = cameras.stream().max(Comparator.comparingInt(List::size)).orElseThrow();
    if (most.isEmpty()) {
      return pictures;
    }
    try (NDManager scratch = manager.newSubManager()) {
      NDArray latents = pack.latents(scratch, ActiveRow.join(rows));
      NDArray planes = pack.run(Network.PLANES, latents);
      for (int view = 0; view < most.size(); view++) {
        // A row that has fewer views is drawn with the others, and that picture is dropped.
        int nth = view;
        List<Camera> from =
            cameras.stream().map(own -> nth < own.size() ? own.get(nth) : most.get(nth)).toList();
        Picture[] rendered =
            ImageTensors.pictures(
                pack.run(Network.RENDER, planes, latents, pack.cameras(scratch, from)));
        for (int row = 0; row < rendered.length; row++) {
          if (view < cameras.get(row).size()) {
            pictures.get(row).add(rendered[row]);
          }
        }
      }
    }
    return pictures;
  }

  private List<Camera> cameras(ActiveRow row) {
    List<Viewpoint> own = row.views();
    return own.isEmpty() ? configured : cameras(own);
  }
}
