package dev.galatea.cli.topics;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.galatea.kafka.TopicEvent;
import dev.galatea.records.ImageReference;
import dev.galatea.records.Terms;
import dev.galatea.records.Viewpoint;
import dev.galatea.records.request.Command;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Accepted;
import dev.galatea.records.result.AvatarViews;
import dev.galatea.records.result.Forgotten;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * One record of a topic, as a line. Pictures are told by their sizes. Control characters, which
 * could move a terminal's cursor, are shown as {@code ?}.
 *
 * @param fields what the record says, for machines
 * @param words the same in a few words
 */
record TopicLine(Instant at, ObjectNode fields, String words) {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

  static TopicLine of(TopicEvent event) {
    ObjectNode fields = JsonNodeFactory.instance.objectNode();
    fields.put("topic", event.origin().topic());
    fields.put("partition", event.origin().partition());
    fields.put("offset", event.origin().offset());
    fields.put("at", event.at().toString());
    String words =
        event.match(
            new TopicEvent.Cases<>(
                requested -> request(fields, requested.request()),
                commanded -> command(fields, commanded.command()),
                accepted -> accepted(fields, accepted.news()),
                rendered -> render(fields, rendered.render()),
                rejected -> reject(fields, rejected.reject()),
                seen -> seen(fields, seen.views()),
                forgotten -> forgotten(fields, forgotten.receipt()),
                updated -> updated(fields, updated.latest()),
                unreadable -> unreadable(fields, unreadable)));
    return new TopicLine(event.at(), fields, words);
  }

  boolean isAbout(String identity) {
    return fields.path("identity").asText().equals(identity);
  }

  String toJson() {
    return fields.toString();
  }

  String toText() {
    return "%s  %-22s %s".formatted(TIME.format(at), fields.get("topic").asText(), harmless(words));
  }

  private static String harmless(String text) {
    return text.replaceAll("[\\p{Cntrl}\\u202a-\\u202e\\u2066-\\u2069]", "?");
  }

  private static String request(ObjectNode fields, Request request) {
    fields.put("identity", request.header().identity());
    fields.put("requestId", request.header().requestId());
    fields.put("kind", request.kind().name());
    fields.put("occurredAt", request.header().occurredAt().toString());
    Terms terms = request.header().terms();
    terms.steps().ifPresent(steps -> fields.put("steps", steps));
    terms.deadline().ifPresent(deadline -> fields.put("deadline", deadline.toString()));
    fields.put("priority", terms.priority().name());
    for (Viewpoint view : terms.views()) {
      fields.withArray("views").addObject().put("yaw", view.yaw()).put("pitch", view.pitch());
    }
    String what =
        request.match(
            face -> {
              long bytes =
                  face.image()
                      .match(
                          file -> (long) file.bytes().length,
                          pixels -> (long) pixels.rgb().length,
                          ImageReference::size);
              fields.put("imageBytes", bytes).put("aligned", face.aligned());
              return "%s of %d bytes".formatted(face.aligned() ? "aligned photo" : "photo", bytes);
            },
            prompt -> {
              fields.put("text", prompt.text()).put("negative", prompt.negative());
              fields.put("strength", prompt.strength());
              return "prompt \"%s\"".formatted(prompt.text());
            },
            edit -> {
              ArrayNode light = fields.putArray("light");
              edit.light().ifPresent(sh -> add(light, sh.coefficients()));
              return edit.light().isPresent() ? "light" : "light as it was";
            });
    return "%s  %s  (%s)"
        .formatted(request.header().identity(), what, request.header().requestId());
  }

  private static void add(ArrayNode list, float[] numbers) {
    for (float number : numbers) {
      list.add(number);
    }
  }

  private static String render(ObjectNode fields, Render render) {
    fields.put("identity", render.identity());
    fields.put("requestId", render.requestId());
    fields.put("kind", render.kind().name());
    fields.put("version", render.version());
    fields.put("stage", render.stage().name());
    fields.put("steps", render.steps());
    fields.put("budget", render.budget());
    fields.put("converged", render.converged());
    fields.put("requestedAt", render.requestedAt().toString());
    fields.put("renderedAt", render.renderedAt().toString());
    ObjectNode scores = fields.putObject("scores");
    render.scores().forEach(scores::put);
    render.views().forEach(view -> add(fields.withArray("views"), view));
    render.photo().ifPresent(photo -> fields.put("faceConfidence", photo.crop().confidence()));
    String losses =
        render.scores().entrySet().stream()
            .map(score -> "%s %.3g".formatted(score.getKey(), score.getValue()))
            .collect(Collectors.joining(", "));
    return "%s  v%d %s %d/%d steps%s, %d views  %s"
        .formatted(
            render.identity(),
            render.version(),
            render.stage() == Render.Stage.FINAL ? "done" : "preview",
            render.steps(),
            render.budget(),
            render.converged() ? " (converged)" : "",
            render.views().size(),
            losses);
  }

  private static void add(ArrayNode views, Render.View view) {
    views
        .addObject()
        .put("yaw", view.yaw())
        .put("pitch", view.pitch())
        .put("mediaType", view.mediaType())
        .put("imageBytes", view.image().length);
  }

  private static String command(ObjectNode fields, Command command) {
    fields.put("identity", command.header().identity());
    fields.put("requestId", command.header().requestId());
    fields.put("occurredAt", command.header().occurredAt().toString());
    String what =
        command.obeyed(
            forget -> told(fields, "FORGET", "forget"),
            cancel -> {
              fields.put("target", cancel.target());
              return told(fields, "CANCEL", "cancel " + cancel.target());
            },
            revert -> {
              fields.put("version", revert.version());
              return told(fields, "REVERT", "back to v%d".formatted(revert.version()));
            },
            adopt -> {
              fields.put("version", adopt.avatar().version());
              return told(fields, "ADOPT", "adopt v%d".formatted(adopt.avatar().version()));
            },
            look -> {
              int count = look.cameras().size();
              fields.put("cameras", count);
              return told(fields, "LOOK", "look from %d cameras".formatted(count));
            });
    return "%s  %s  (%s)"
        .formatted(command.header().identity(), what, command.header().requestId());
  }

  private static String told(ObjectNode fields, String kind, String words) {
    fields.put("kind", kind);
    return words;
  }

  private static String seen(ObjectNode fields, AvatarViews seen) {
    fields.put("identity", seen.identity());
    fields.put("requestId", seen.requestId());
    fields.put("version", seen.version());
    fields.put("requestedAt", seen.requestedAt().toString());
    fields.put("renderedAt", seen.renderedAt().toString());
    seen.views().forEach(view -> add(fields.withArray("views"), view));
    return "%s  v%d seen, %d views  (%s)"
        .formatted(seen.identity(), seen.version(), seen.views().size(), seen.requestId());
  }

  private static String accepted(ObjectNode fields, Accepted news) {
    fields.put("identity", news.identity());
    fields.put("requestId", news.requestId());
    fields.put("ahead", news.ahead());
    fields.put("waiting", news.waiting());
    fields.put("budget", news.budget());
    fields.put("acceptedAt", news.acceptedAt().toString());
    return "%s  accepted, %d ahead, %d steps  (%s)"
        .formatted(news.identity(), news.ahead(), news.budget(), news.requestId());
  }

  private static String forgotten(ObjectNode fields, Forgotten receipt) {
    fields.put("identity", receipt.identity());
    fields.put("requestId", receipt.requestId());
    fields.put("version", receipt.version());
    fields.put("droppedRequests", receipt.droppedRequests());
    fields.put("erasedAt", receipt.erasedAt().toString());
    return "%s  forgotten, was v%d, %d requests dropped  (%s)"
        .formatted(
            receipt.identity(), receipt.version(), receipt.droppedRequests(), receipt.requestId());
  }

  private static String updated(ObjectNode fields, LatestAvatar latest) {
    fields.put("identity", latest.identity());
    return latest
        .known()
        .map(known -> known(fields, latest.identity(), known))
        .orElseGet(() -> latest.identity() + "  is no avatar any more");
  }

  private static String known(ObjectNode fields, String identity, LatestAvatar.Known known) {
    fields.put("requestId", known.requestId());
    fields.put("version", known.version());
    fields.put("updatedAt", known.updatedAt().toString());
    known.pack().ifPresent(pack -> fields.put("pack", pack.id() + " " + pack.version()));
    known.picture().ifPresent(view -> add(fields.withArray("views"), view));
    return "%s  is v%d%s  (%s)"
        .formatted(
            identity,
            known.version(),
            known.pack().map(pack -> " of " + pack.id() + " " + pack.version()).orElse(""),
            known.requestId());
  }

  private static String reject(ObjectNode fields, Reject reject) {
    reject.identity().ifPresent(identity -> fields.put("identity", identity));
    reject.requestId().ifPresent(id -> fields.put("requestId", id));
    fields.put("reason", reject.reason().name());
    fields.put("message", reject.message());
    fields.put("payloadBytes", reject.payload().length);
    fields.put("truncated", reject.truncated());
    Optional<String> origin =
        reject.origin().map(o -> "%s-%d@%d".formatted(o.topic(), o.partition(), o.offset()));
    origin.ifPresent(text -> fields.put("origin", text));
    return "%s  rejected as %s: %s  (%s)"
        .formatted(
            reject.identity().orElse("(unknown identity)"),
            reject.reason(),
            reject.message(),
            reject.requestId().or(() -> origin).orElse("unknown request"));
  }

  private static String unreadable(ObjectNode fields, TopicEvent.Unreadable event) {
    fields.put("reason", event.why().reason().name());
    fields.put("message", event.why().getMessage());
    return "unreadable: " + event.why().getMessage();
  }
}
