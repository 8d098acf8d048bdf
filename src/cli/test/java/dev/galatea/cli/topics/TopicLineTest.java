package dev.galatea.cli.topics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.galatea.kafka.TopicEvent;
import dev.galatea.records.Header;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TopicLineTest {
  private static final Header.Origin ORIGIN = new Header.Origin("avatar.prompts", 0, 7);
  private static final Instant AT = Instant.parse("2026-05-01T12:00:00Z");

  @Test
  void aRenderIsToldByItsProgressAndTheSizesOfItsPictures() {
    Render render =
        new Render(
            "ada",
            "r1",
            Render.Kind.PROMPT,
            3,
            Render.Stage.PREVIEW,
            4,
            10,
            false,
            Map.of("reconstruction", 0.25f),
            List.of(new Render.View(0, 0, "image/png", new byte[12])),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            AT,
            AT);
    TopicLine line = TopicLine.of(new TopicEvent.Rendered(ORIGIN, AT, render));
    assertThat(line.toText()).contains("ada  v3 preview 4/10 steps", "reconstruction 0.250");
    assertThat(line.toJson()).contains("\"imageBytes\":12").doesNotContain("\n");
  }

  @Test
  void whatCouldMoveTheCursorOrTurnTheTextIsNotWritten() {
    Header header = Header.of("\u001b[2Jada\u202e", "r1");
    TopicLine line =
        TopicLine.of(
            new TopicEvent.Requested(ORIGIN, AT, new Prompt(header, "a\nb\r\u0007", "", 1)));
    assertThat(line.toText()).contains("?[2Jada?").contains("a?b??").doesNotContain("\n");
    assertThat(line.toJson()).doesNotContain("\n", "\u001b");
  }

  @Test
  void aRejectWithoutItsSenderIsToldByItsRecord() {
    Reject reject =
        Reject.withoutPayload(
            new InvalidRequest(Reject.Reason.UNDECODABLE, "no Avro"), Optional.of(ORIGIN));
    TopicLine line = TopicLine.of(new TopicEvent.Rejected(ORIGIN, AT, reject));
    assertThat(line.toText())
        .contains("(unknown identity)  rejected as UNDECODABLE: no Avro  (avatar.prompts-0@7)");
    assertThat(line.isAbout("ada")).isFalse();
  }
}
