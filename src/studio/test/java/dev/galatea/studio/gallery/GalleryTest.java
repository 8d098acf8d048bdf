package dev.galatea.studio.gallery;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.galatea.kafka.TopicEvent;
import dev.galatea.records.SphericalHarmonics;
import dev.galatea.records.request.LightingEdit;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import dev.galatea.studio.StudioLimits;
import dev.galatea.studio.http.AvatarJson;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GalleryTest {
  private final Traffic traffic =
      new Traffic(InstantSource.fixed(MadeEvents.NOW.plusSeconds(2)), Instant.EPOCH);

  @Test
  void aRequestIsFollowedFromItsRecordToItsVersion() {
    Gallery gallery = gallery(10, 10, 64 << 20);
    gallery.on(MadeEvents.prompt("ada", "r1", "round glasses"));
    assertThat(detail(gallery, "ada").at("/inHand/state").asText()).isEqualTo("SENT");
    gallery.on(MadeEvents.accepted("ada", "r1", 2, 80));
    JsonNode accepted = detail(gallery, "ada");
    assertThat(accepted.at("/inHand/state").asText()).isEqualTo("ACCEPTED");
    assertThat(accepted.at("/inHand/ahead").asInt()).isEqualTo(2);
    assertThat(accepted.at("/inHand/budget").asInt()).isEqualTo(80);
    gallery.on(MadeEvents.preview("ada", "r1", 1, 4));
    JsonNode refining = detail(gallery, "ada");
    assertThat(refining.at("/inHand/steps").asInt()).isEqualTo(4);
    assertThat(refining.at("/newest/stage").asText()).isEqualTo("PREVIEW");
    gallery.on(MadeEvents.done("ada", "r1", 1));
    JsonNode done = detail(gallery, "ada");
    assertThat(done.has("inHand")).isFalse();
    assertThat(done.at("/version").asLong()).isEqualTo(1);
    assertThat(done.at("/requests/0/label").asText()).isEqualTo("round glasses");
    assertThat(done.at("/versions/0/scores/reconstruction").asDouble()).isEqualTo(0.25);
  }

  @Test
  void whoIsForgottenIsGoneAndOldRecordsDoNotBringThemBack() throws Exception {
    Gallery gallery = gallery(10, 10, 64 << 20);
    gallery.on(MadeEvents.done("ada", "r1", 1));
    long seen = gallery.changes(0, 10, Duration.ZERO, KeptAvatar::identity).revision();
    TopicEvent receipt = MadeEvents.forgotten("ada");
    gallery.on(MadeEvents.rejected("ada", "r2", Reject.Reason.FORGOTTEN));
    gallery.on(receipt);
    Gallery.Changes<String> changes =
        gallery.changes(seen, 10, Duration.ZERO, KeptAvatar::identity);
    assertThat(changes.forgotten()).containsExactly("ada");
    assertThat(changes.avatars()).isEmpty();
    gallery.on(MadeEvents.done("ada", "r1", 1));
    gallery.on(MadeEvents.prompt("ada", "r1", "round glasses"));
    assertThat(gallery.size()).isZero();
    assertThat(gallery.pictureBytes()).isZero();
  }

  @Test
  void whatIsPublishedOfAnAvatarIsShownWhereItsRendersAreNotKnown() {
    Gallery gallery = gallery(10, 10, 64 << 20);
    gallery.on(MadeEvents.updated("ada", 7));
    JsonNode known = detail(gallery, "ada");
    assertThat(known.at("/version").asLong()).isEqualTo(7);
    assertThat(known.at("/picture").asLong()).isPositive();
    assertThat(known.at("/newest/views")).hasSize(1);
    gallery.on(MadeEvents.done("ada", "r8", 8));
    assertThat(detail(gallery, "ada").at("/newest/version").asLong()).isEqualTo(8);
    assertThat(detail(gallery, "ada").at("/newest/views")).hasSize(3);
  }

  @Test
  void whatComesLateOrTwiceChangesNothing() {
    Gallery gallery = gallery(10, 10, 64 << 20);
    gallery.on(MadeEvents.done("ada", "r1", 1));
    gallery.on(MadeEvents.preview("ada", "r1", 1, 4));
    gallery.on(MadeEvents.done("ada", "r1", 1));
    JsonNode detail = detail(gallery, "ada");
    assertThat(detail.at("/versions")).hasSize(1);
    assertThat(detail.at("/newest/stage").asText()).isEqualTo("FINAL");
    assertThat(detail.at("/requests/0/state").asText()).isEqualTo("DONE");
    assertThat(traffic.toJson().at("/pieces").findValuesAsText("finals")).containsOnlyOnce("1");
  }

  @Test
  void aRejectThatNamesTheRecordAloneFindsItsRequest() {
    Gallery gallery = gallery(10, 10, 64 << 20);
    gallery.on(
        MadeEvents.requested(
            7, new LightingEdit(MadeEvents.header("ben", "r9"), Optional.empty())));
    gallery.on(MadeEvents.rejected(7, Reject.Reason.INBOX_FULL, "too many"));
    JsonNode request = detail(gallery, "ben").at("/requests/0");
    assertThat(request.at("/state").asText()).isEqualTo("REJECTED");
    assertThat(request.at("/rejected/reason").asText()).isEqualTo("INBOX_FULL");
    assertThat(request.at("/rejected/remedy").asText()).contains("Wait");
  }

  @Test
  void theIdentityThatHasBeenStillTheLongestIsForgottenFirst() {
    Gallery gallery = gallery(3, 10, 64 << 20);
    for (String name : List.of("a", "b", "c")) {
      gallery.on(MadeEvents.done(name, "r1", 1));
    }
    gallery.on(MadeEvents.done("a", "r2", 2));
    gallery.on(MadeEvents.done("d", "r1", 1));
    assertThat(gallery.find("", 0, 10, KeptAvatar::identity)).containsExactly("d", "a", "c");
  }

  @Test
  void versionsAreBoundedToTheNewest() {
    Gallery gallery = gallery(3, 4, 64 << 20);
    for (int version = 1; version <= 9; version++) {
      gallery.on(MadeEvents.done("ada", "r" + version, version));
    }
    assertThat(gallery.read("ada", KeptAvatar::versions).orElseThrow())
        .extracting(Render::version)
        .containsExactly(6L, 7L, 8L, 9L);
  }

  @Test
  void picturesBeyondTheMemoryAreLetGoWhereNothingHasMoved() {
    byte[] large = new byte[100_000];
    Gallery gallery = gallery(1000, 10, 1 << 20);
    for (int i = 0; i < 8; i++) {
      String name = "p" + i;
      gallery.on(
          MadeEvents.rendered(MadeEvents.render(name, "r1", 1, Render.Stage.FINAL, 10, large)));
    }
    assertThat(gallery.pictureBytes()).isBetween(1L, 1L << 20);
    assertThat(gallery.size()).isEqualTo(8);
    assertThat(views(gallery, "p7")).isEqualTo(3);
    assertThat(views(gallery, "p0")).isEqualTo(1);
    for (int i = 8; i < 40; i++) {
      gallery.on(
          MadeEvents.rendered(MadeEvents.render("p" + i, "r1", 1, Render.Stage.FINAL, 10, large)));
    }
    assertThat(gallery.pictureBytes()).isBetween(1L, 1L << 20);
    assertThat(gallery.size()).isBetween(7, 10);
  }

  @Test
  void aListenerIsToldWhatHasChangedSinceAndNothingElse() throws InterruptedException {
    Gallery gallery = gallery(10, 10, 64 << 20);
    gallery.on(MadeEvents.done("a", "r1", 1));
    gallery.on(MadeEvents.done("b", "r1", 1));
    Gallery.Changes<String> all = gallery.changes(0, 10, Duration.ZERO, KeptAvatar::identity);
    assertThat(all.avatars()).containsExactly("a", "b");
    gallery.on(MadeEvents.done("a", "r2", 2));
    gallery.on(MadeEvents.done("a", "r3", 3));
    Gallery.Changes<String> since =
        gallery.changes(all.revision(), 10, Duration.ZERO, KeptAvatar::identity);
    assertThat(since.avatars()).containsExactly("a");
    assertThat(gallery.changes(since.revision(), 10, Duration.ofMillis(1), a -> a).avatars())
        .isEmpty();
  }

  @Test
  void aLightIsToldByWhereItComesFrom() {
    assertThat(label(-1, 0.2, 1)).isEqualTo("light from the left");
    assertThat(label(0.1, 1, 0.5)).isEqualTo("light from above");
    assertThat(label(0, 0, 1)).isEqualTo("light from the front");
  }

  private String label(double x, double y, double z) {
    Gallery gallery = gallery(1, 1, 1 << 20);
    SphericalHarmonics light = SphericalHarmonics.directional(x, y, z, 1, 0.3);
    gallery.on(
        MadeEvents.requested(
            0, new LightingEdit(MadeEvents.header("ada", "r1"), Optional.of(light))));
    return detail(gallery, "ada").at("/requests/0/label").asText();
  }

  private static int views(Gallery gallery, String identity) {
    return gallery
        .read(identity, avatar -> avatar.newest().orElseThrow().views().size())
        .orElseThrow();
  }

  private static JsonNode detail(Gallery gallery, String identity) {
    return gallery.read(identity, AvatarJson::detail).orElseThrow();
  }

  private Gallery gallery(int identities, int versions, long pictureBytes) {
    return new Gallery(new StudioLimits(identities, versions, pictureBytes, 2), traffic);
  }
}
