package dev.galatea.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.galatea.kafka.TopicEvent;
import dev.galatea.records.Header;
import dev.galatea.records.request.Cancel;
import dev.galatea.records.request.Forget;
import dev.galatea.records.request.Message;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.result.Forgotten;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** What is lost, doubled or contradicted is found. */
class VerdictTest {
  private final List<Sent> sent = new ArrayList<>();
  private final List<TopicEvent> heard = new ArrayList<>();

  private Verdict verdict() throws InterruptedException {
    return Verdict.of(sent, heard);
  }

  private void send(Message message) {
    add(Optional.of(message), Optional.empty(), false);
  }

  private void again(Message message) {
    add(Optional.of(message), Optional.empty(), true);
  }

  private void add(Optional<Message> message, Optional<String> poison, boolean again) {
    RecordMetadata lies =
        new RecordMetadata(new TopicPartition("requests", 0), sent.size(), 0, 0, 0, 0);
    sent.add(new Sent("ada", message, poison, again, CompletableFuture.completedFuture(lies)));
  }

  private static Prompt prompt(String id) {
    return new Prompt(Header.of("ada", id), "red hair", "", 1);
  }

  private static Header.Origin origin(long offset) {
    return new Header.Origin("requests", 0, offset);
  }

  private void rendered(String id, long version) {
    heard.add(
        new TopicEvent.Rendered(
            origin(0),
            Instant.EPOCH,
            new Render(
                "ada",
                id,
                Render.Kind.PROMPT,
                version,
                Render.Stage.FINAL,
                1,
                1,
                false,
                Map.of(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                Instant.EPOCH,
                Instant.EPOCH)));
    published(version);
  }

  private void published(long version) {
    heard.add(
        new TopicEvent.Updated(
            origin(0),
            Instant.EPOCH,
            LatestAvatar.of(
                "ada",
                new LatestAvatar.Known(
                    version,
                    "r",
                    new LatestAvatar.LatentMatrix(1, 1, new float[1]),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Instant.EPOCH))));
  }

  private void rejected(String id, Reject.Reason reason, long offset) {
    InvalidRequest why = new InvalidRequest(reason, "so it is").in(Header.of("ada", id));
    Reject reject = Reject.withoutPayload(why, Optional.of(origin(offset)));
    heard.add(new TopicEvent.Rejected(origin(0), Instant.EPOCH, reject));
  }

  private void forgotten(String id, long version) {
    heard.add(
        new TopicEvent.Forgotten(
            origin(0), Instant.EPOCH, new Forgotten("ada", id, version, 0, Instant.EPOCH)));
    heard.add(new TopicEvent.Updated(origin(0), Instant.EPOCH, LatestAvatar.forgotten("ada")));
  }

  @Test
  void whatIsAsItShouldBeHasNoViolation() throws Exception {
    send(prompt("r1"));
    add(Optional.empty(), Optional.of("noise"), false);
    send(prompt("r2"));
    send(new Forget(Header.of("ada", "gone")));
    send(prompt("r3"));
    rendered("r1", 1);
    rejected("?", Reject.Reason.UNDECODABLE, 1);
    rejected("r2", Reject.Reason.FORGOTTEN, 2);
    forgotten("gone", 1);
    rendered("r3", 1);
    assertThat(verdict().violations()).isEmpty();
    assertThat(verdict().waiting()).isEmpty();
  }

  @Test
  void whatHasNoAnswerWaits() throws Exception {
    send(prompt("r1"));
    add(Optional.empty(), Optional.of("noise"), false);
    send(new Forget(Header.of("ada", "gone")));
    assertThat(verdict().waiting()).hasSize(3);
  }

  @Test
  void aSecondAnswerIsFound() throws Exception {
    send(prompt("r1"));
    rendered("r1", 1);
    rendered("r1", 2);
    assertThat(verdict().violations()).singleElement().asString().contains("2 renders");
  }

  @Test
  void aRenderOfARejectedRequestIsFound() throws Exception {
    send(prompt("r1"));
    rejected("r1", Reject.Reason.CANCELLED, 0);
    rendered("r1", 1);
    assertThat(verdict().violations()).isNotEmpty();
  }

  @Test
  void aRejectThatNothingAskedForIsFound() throws Exception {
    send(prompt("r1"));
    for (Reject.Reason reason :
        List.of(Reject.Reason.FAILED, Reject.Reason.CANCELLED, Reject.Reason.FORGOTTEN)) {
      heard.clear();
      rejected("r1", reason, 0);
      assertThat(verdict().violations()).singleElement().asString().contains(reason.name());
    }
    heard.clear();
    rejected("r1", Reject.Reason.CANCELLED, 0);
    rejected("stop", Reject.Reason.NOT_WAITING, 1);
    send(new Cancel(Header.of("ada", "stop"), "r1"));
    assertThat(verdict().violations()).isEmpty();
  }

  @Test
  void aRepetitionAfterAForgetIsNewAndAnyOtherSecondAnswerIsFound() throws Exception {
    send(prompt("r1"));
    again(prompt("r1"));
    send(new Forget(Header.of("ada", "gone")));
    rejected("r1", Reject.Reason.FORGOTTEN, 0);
    forgotten("gone", 0);
    rendered("r1", 1);
    assertThat(verdict().violations()).isEmpty();
    heard.clear();
    rejected("r1", Reject.Reason.FORGOTTEN, 1); // the repetition was dropped
    forgotten("gone", 0);
    rendered("r1", 1);
    assertThat(verdict().violations()).singleElement().asString().contains("2 answers");
  }

  @Test
  void aGapBetweenVersionsAndALifeWithoutAReceiptAreFound() throws Exception {
    send(prompt("r1"));
    send(prompt("r2"));
    rendered("r1", 1);
    rendered("r2", 3);
    assertThat(verdict().violations()).anyMatch(told -> told.contains("version 3 where 2 was due"));
    heard.clear();
    rendered("r1", 1);
    rendered("r2", 1);
    assertThat(verdict().violations()).anyMatch(told -> told.contains("receipts tell of []"));
  }

  @Test
  void whatIsPublishedOfAForgottenIdentityIsFound() throws Exception {
    send(prompt("r1"));
    send(new Forget(Header.of("ada", "gone")));
    rendered("r1", 1);
    forgotten("gone", 1);
    published(1);
    assertThat(verdict().violations()).singleElement().asString().contains("is published");
  }
}
