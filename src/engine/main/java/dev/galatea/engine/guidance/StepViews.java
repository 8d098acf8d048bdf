package dev.galatea.engine.guidance;

import ai.djl.ndarray.NDArray;
import dev.galatea.engine.guidance.Guidance.View;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;
import dev.galatea.records.Camera;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The pictures of one step. The tri-planes are made once and shared by the views; a view is
 * rendered for the rows that some guidance looks at from there, and no others.
 */
final class StepViews {
  private final Map<View, Shot> shots = new EnumMap<>(View.class);

  StepViews(
      Pack pack,
      StepTimer timer,
      List<Guidance> guidances,
      NDArray latents,
      List<StepRow> subjects) {
    NDArray planes = null;
    for (View view : List.of(View.SOURCE, View.SIDE)) {
      int[] rows = BatchRows.where(subjects, subject -> isLookedAt(view, guidances, subject));
      if (rows.length > 0) {
        if (planes == null) {
          planes = pack.run(Network.PLANES, latents);
          timer.done(StepPart.PLANES);
        }
        List<Camera> cameras =
            BatchRows.select(subjects, rows).stream()
                .map(subject -> camera(view, subject))
                .toList();
        NDArray pictures =
            pack.run(
                Network.RENDER,
                BatchRows.select(planes, rows),
                BatchRows.select(latents, rows),
                pack.cameras(latents.getManager(), cameras));
        shots.put(view, new Shot(rows, pictures));
        timer.done(StepPart.RENDER);
      }
    }
  }

  /** Pictures {@code [rows.length,3,S,S]} of the rows from the view; null for {@link View#NONE}. */
  NDArray pictures(View view, int[] rows) {
    return view == View.NONE ? null : shots.get(view).of(rows);
  }

  private static boolean isLookedAt(View view, List<Guidance> guidances, StepRow subject) {
    return guidances.stream()
        .anyMatch(guidance -> guidance.view() == view && subject.targets().wants(guidance.guide()));
  }

  private static Camera camera(View view, StepRow subject) {
    return view == View.SOURCE
        ? subject.targets().reference().orElseThrow().camera()
        : subject.side();
  }

  /** Pictures of some rows of the batch, in ascending order of the rows. */
  private record Shot(int[] rows, NDArray pictures) {
    NDArray of(int[] chosen) {
      int[] places = Arrays.stream(chosen).map(row -> Arrays.binarySearch(rows, row)).toArray();
      return BatchRows.select(pictures, places);
    }
  }
}
