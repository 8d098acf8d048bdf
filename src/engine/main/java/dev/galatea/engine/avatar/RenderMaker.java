package dev.galatea.engine.avatar;

import dev.galatea.engine.picture.Provenance;
import dev.galatea.engine.refine.LatentSpace;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.records.Header;
import dev.galatea.records.PackId;
import dev.galatea.records.RecordHeader;
import dev.galatea.records.Viewpoint;
import dev.galatea.records.request.Command;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Request;
import dev.galatea.records.request.Understood;
import dev.galatea.records.result.Render;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes renders of pictures.
 *
 * @param configured where pictures are taken from where nobody says otherwise, in their order
 * @param mediaType of the encoded pictures
 * @param pack that drew them; empty where the refiner has none
 * @param provenance what the pictures' files say of themselves
 */
record RenderMaker(
    List<Viewpoint> configured, String mediaType, Optional<PackId> pack, Provenance provenance) {

  static RenderMaker of(RefinePlan plan) {
    return new RenderMaker(
        plan.renders().views(),
        plan.lane().encoding().format().mediaType(),
        plan.lane().refiners().latents().map(LatentSpace::pack),
        plan.renders().provenance());
  }

  /** All pictures that were taken of a row of the request in hand. */
  List<Render.View> views(Refiner.Row row, Request head, List<byte[]> pictures) {
    return views(
        row.views().isEmpty() ? configured : row.views(),
        head.header().requestId(),
        row.version(),
        pictures);
  }

  /**
   * The render of what a slice yielded.
   *
   * @param views all pictures that were taken; the request's own are the first of them
   */
  Render of(
      Render.Stage stage,
      Refiner.Row row,
      Request head,
      Refiner.Advanced advanced,
      List<Render.View> views) {
    int own = head.header().terms().views().size();
    return new Render(
        row.identity(),
        head.header().requestId(),
        Render.Kind.of(row.kind()),
        row.version(),
        stage,
        advanced.draft().step(),
        row.budget(),
        advanced.converged(),
        advanced.losses(),
        own == 0 ? views : List.copyOf(views.subList(0, own)),
        photo(head),
        understood(head),
        headers(head.header()),
        pack,
        head.header().occurredAt(),
        Instant.now());
  }

  /** All pictures that were taken of the version that a command makes. */
  List<Render.View> views(Command command, long version, List<byte[]> pictures) {
    return views(configured, command.header().requestId(), version, pictures);
  }

  /** The render of a version that a command makes, without steps. */
  Render of(Command command, Render.Kind kind, long version, List<Render.View> views) {
    return new Render(
        command.header().identity(),
        command.header().requestId(),
        kind,
        version,
        Render.Stage.FINAL,
        0,
        0,
        false,
        Map.of(),
        views,
        Optional.empty(),
        Optional.empty(),
        headers(command.header()),
        pack,
        command.header().occurredAt(),
        Instant.now());
  }

  /** What the record of a request carried beside key and value. */
  static List<RecordHeader> headers(Header header) {
    return header.origin().map(Header.Origin::headers).orElse(List.of());
  }

  private static Optional<Render.Photo> photo(Request head) {
    return head.match(RenderMaker::photo, prompt -> Optional.empty(), edit -> Optional.empty());
  }

  private static Optional<Understood> understood(Request head) {
    return head.match(face -> Optional.empty(), Prompt::understood, edit -> Optional.empty());
  }

  /** A face that was cut out of a photograph has a crop, and the camera that was estimated. */
  private static Optional<Render.Photo> photo(FaceImage face) {
    return face.crop().map(crop -> new Render.Photo(crop, face.camera().orElseThrow()));
  }

  /** Pictures of a version, taken for a request or command. */
  List<Render.View> views(
      List<Viewpoint> viewpoints, String requestId, long version, List<byte[]> pictures) {
    List<Render.View> made = new ArrayList<>();
    for (int i = 0; i < pictures.size(); i++) {
      Viewpoint view = viewpoints.get(i);
      byte[] file = provenance.into(pictures.get(i), mediaType, pack, requestId, version);
      made.add(new Render.View(view.yaw(), view.pitch(), mediaType, file));
    }
    return made;
  }
}
