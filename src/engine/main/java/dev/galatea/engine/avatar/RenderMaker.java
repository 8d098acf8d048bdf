package dev.galatea.engine.avatar;

import dev.galatea.engine.refine.Refiner;
import dev.galatea.engine.refine.Viewpoint;
import dev.galatea.records.Render;
import dev.galatea.records.Request;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes renders of what a slice yielded.
 *
 * @param views where the pictures were taken from, in their order
 * @param mediaType of the encoded pictures
 */
record RenderMaker(List<Viewpoint> views, String mediaType) {

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
        head.header().occurredAt(),
        Instant.now());
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
