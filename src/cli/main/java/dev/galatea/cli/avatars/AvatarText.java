package dev.galatea.cli.avatars;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.galatea.records.result.LatestAvatar;

/** What is known of avatars, for people and for machines. Latents and pictures are left out. */
final class AvatarText {
  private AvatarText() {}

  static ObjectNode json(LatestAvatar avatar) {
    LatestAvatar.Known known = avatar.known().orElseThrow();
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("identity", avatar.identity());
    json.put("version", known.version());
    json.put("requestId", known.requestId());
    json.put("updatedAt", known.updatedAt().toString());
    known
        .pack()
        .ifPresent(
            pack ->
                json.putObject("pack")
                    .put("id", pack.id())
                    .put("version", pack.version())
                    .put("hash", pack.hash()));
    json.putObject("latent")
        .put("layers", known.latent().layers())
        .put("width", known.latent().width());
    known
        .prompt()
        .ifPresent(
            prompt ->
                json.putObject("prompt")
                    .put("text", prompt.text())
                    .put("negative", prompt.negative())
                    .put("strength", prompt.strength()));
    known
        .light()
        .ifPresent(
            light -> {
              ArrayNode numbers = json.putArray("light");
              for (float coefficient : light.coefficients()) {
                numbers.add(coefficient);
              }
            });
    known
        .sourceCamera()
        .ifPresent(
            camera ->
                json.putObject("photo").put("yaw", camera.yaw()).put("pitch", camera.pitch()));
    return json;
  }

  /** Text without what could move a terminal's cursor. */
  static String plain(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }

  static String line(LatestAvatar avatar) {
    LatestAvatar.Known known = avatar.known().orElseThrow();
    return "%s  v%d  %s  %s%s"
        .formatted(
            plain(avatar.identity()),
            known.version(),
            known.pack().map(pack -> pack.id() + " " + pack.version()).orElse("unknown pack"),
            known.updatedAt(),
            known.prompt().map(prompt -> "  \"" + prompt.text() + "\"").orElse(""));
  }
}
