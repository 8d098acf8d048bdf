package dev.galatea.studio.gallery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class TrafficTest {
  private Instant now = MadeEvents.NOW;
  private final Traffic traffic = new Traffic((InstantSource) () -> now, Instant.EPOCH);

  @Test
  void ratesAreOfTheLastHalfMinute() {
    for (int i = 0; i < 6; i++) {
      traffic.rendered(render(Render.Stage.FINAL), 10, true);
    }
    now = now.plusSeconds(10);
    JsonNode json = traffic.toJson();
    assertThat(json.at("/stepsPerSecond").asDouble()).isCloseTo(2, within(1e-9));
    assertThat(json.at("/rendersPerSecond").asDouble()).isCloseTo(0.2, within(1e-9));
    now = now.plusSeconds(60);
    assertThat(traffic.toJson().at("/stepsPerSecond").asDouble()).isZero();
  }

  @Test
  void latenciesAreTakenOfTheFirstRenderAlone() {
    traffic.rendered(render(Render.Stage.PREVIEW), 2, true);
    traffic.rendered(render(Render.Stage.FINAL), 8, false);
    JsonNode json = traffic.toJson();
    assertThat(json.at("/firstPreviewMs/count").asInt()).isEqualTo(1);
    assertThat(json.at("/firstPreviewMs/p99").asLong()).isEqualTo(1000);
    assertThat(json.at("/completedMs/count").asInt()).isEqualTo(1);
  }

  @Test
  void whatIsTooLongAgoOrYetToComeDoesNoHarm() {
    traffic.rejected(Reject.Reason.FAILED, Instant.EPOCH);
    traffic.rejected(Reject.Reason.FAILED, Instant.parse("9999-12-31T23:59:59Z"));
    JsonNode pieces = traffic.toJson().at("/pieces");
    assertThat(pieces).hasSize(120);
    assertThat(pieces.findValues("FAILED")).hasSize(1);
  }

  private static Render render(Render.Stage stage) {
    return MadeEvents.render("ada", "r1", 1, stage, 10, MadeEvents.PNG);
  }
}
