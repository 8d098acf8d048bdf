package dev.galatea.engine.avatar;

import dev.galatea.engine.refine.Refiner;
import dev.galatea.engine.refine.Viewpoint;
import dev.galatea.records.FaceImage;
import dev.galatea.records.PackId;
import dev.galatea.records.Render;
import dev.galatea.records.Request;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes renders of what a slice yielded.
 *
 * @param views where the pictures were taken from, in their order
 * @param mediaType of the encoded pictures
 * @param pack that drew them; empty where the refiner has none
 */
record RenderMaker(List<Viewpoint> views, String mediaType, Optional<PackId> pack) {

  Render make(
      Render.Stage stage,
      Refiner.Row row,
      Request head,
      Refiner.Advanced advanced,
      List<byte[]> pictures) {
    return new Render(
        row.identity(),
        head.header().requestId(),
        row.kind(),
        row.version(),
        stage,
        advanced.draft().step(),
        row.budget(),
        advanced.converged(),
        advanced.losses(),
        views(pictures),
        photo(head),
        pack,
        head.header().occurredAt(),
        Instant.now());
  }

  private static Optional<Render.Photo> photo(Request head) {
    return head.match(RenderMaker::photo, prompt -> Optional.empty(), edit -> Optional.empty());
  }

  /** A face that was cut out of a photograph has a crop, and the camera that was estimated. */
  private static Optional<Render.Photo> photo(FaceImage face) {
    return face.crop().map(crop -> new Render.Photo(crop, face.camera().orElseThrow()));
  }

  private List<Render.View> views(List<byte[]> pictures) {
    List<Render.View> made = new ArrayList<>();
    for (int i = 0; i < pictures.size(); i++) {
      Viewpoint view = views.get(i);
      made.add(new Render.View(view.yaw(), view.pitch(), mediaType, pictures.get(i)));
    }
    return made;
  }
}
