package dev.galatea.studio.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Render;
import dev.galatea.studio.gallery.KeptAvatar;
import dev.galatea.studio.gallery.KeptRequest;
import java.util.List;

/** Avatars as JSON, as {@code openapi.json} describes it. Called within the gallery's lock. */
public final class AvatarJson {
  private AvatarJson() {}

  /** What the wall shows. */
  public static ObjectNode summary(KeptAvatar avatar) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("id", IdentityPath.of(avatar.identity()));
    json.put("identity", avatar.identity());
    json.put("revision", avatar.revision());
    json.put("activeAt", avatar.activeAt().toEpochMilli());
    json.put("version", avatar.version());
    json.put("picture", avatar.picture().isPresent() ? avatar.pictures() : 0);
    avatar.inHand().ifPresent(request -> json.set("inHand", request(request)));
    json.put("open", avatar.requests().stream().filter(KeptRequest::open).count());
    List<KeptRequest> requests = avatar.requests();
    boolean rejected =
        !requests.isEmpty()
            && requests.get(requests.size() - 1).state() == KeptRequest.State.REJECTED;
    json.put("rejected", rejected);
    return json;
  }

  /** What a person's page shows. */
  public static ObjectNode detail(KeptAvatar avatar) {
    ObjectNode json = summary(avatar);
    json.put("hasPhoto", avatar.photo().isPresent());
    avatar
        .newest()
        .map(AvatarJson::render)
        .or(() -> avatar.latest().map(AvatarJson::latest))
        .ifPresent(newest -> json.set("newest", newest));
    ArrayNode versions = json.putArray("versions");
    avatar.versions().forEach(version -> versions.add(render(version)));
    ArrayNode requests = json.putArray("requests");
    avatar.requests().forEach(request -> requests.add(request(request)));
    return json;
  }

  private static ObjectNode render(Render render) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("requestId", render.requestId());
    json.put("kind", render.kind().name());
    json.put("version", render.version());
    json.put("stage", render.stage().name());
    json.put("steps", render.steps());
    json.put("budget", render.budget());
    json.put("converged", render.converged());
    json.put("requestedAt", render.requestedAt().toEpochMilli());
    json.put("renderedAt", render.renderedAt().toEpochMilli());
    ObjectNode scores = json.putObject("scores");
    render.scores().forEach(scores::put);
    ArrayNode views = json.putArray("views");
    render.views().forEach(view -> add(views, view));
    render.photo().ifPresent(photo -> json.set("photo", photo(photo)));
    return json;
  }

  /** As a render whose way is not known. */
  private static ObjectNode latest(LatestAvatar.Known known) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("requestId", known.requestId());
    json.put("version", known.version());
    json.put("stage", Render.Stage.FINAL.name());
    json.put("renderedAt", known.updatedAt().toEpochMilli());
    json.putObject("scores");
    ArrayNode views = json.putArray("views");
    known.picture().ifPresent(view -> add(views, view));
    return json;
  }

  private static void add(ArrayNode views, Render.View view) {
    views.addObject().put("yaw", view.yaw()).put("pitch", view.pitch());
  }

  private static ObjectNode photo(Render.Photo photo) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("confidence", photo.crop().confidence());
    json.put("yaw", photo.camera().yaw());
    json.put("pitch", photo.camera().pitch());
    ArrayNode corners = json.putArray("corners");
    photo.crop().corners().forEach(corner -> corners.addArray().add(corner.x()).add(corner.y()));
    return json;
  }

  private static ObjectNode request(KeptRequest request) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("requestId", request.requestId());
    json.put("state", request.state().name());
    json.put("label", request.label());
    json.put("steps", request.steps());
    json.put("budget", request.budget());
    json.put("version", request.version());
    request.kind().ifPresent(kind -> json.put("kind", kind.name()));
    request.ahead().ifPresent(ahead -> json.put("ahead", ahead));
    request.sentAt().ifPresent(at -> json.put("sentAt", at.toEpochMilli()));
    request
        .refusal()
        .ifPresent(
            refusal ->
                json.putObject("rejected")
                    .put("reason", refusal.reason().name())
                    .put("message", refusal.message())
                    .put("remedy", Remedy.of(refusal.reason()))
                    .put("at", refusal.at().toEpochMilli()));
    request
        .origin()
        .ifPresent(
            origin ->
                json.putObject("origin")
                    .put("topic", origin.topic())
                    .put("partition", origin.partition())
                    .put("offset", origin.offset()));
    return json;
  }
}
