package example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import dev.galatea.records.request.Request;
import dev.galatea.testkit.Feed;
import dev.galatea.testkit.GalateaExtension;
import dev.galatea.testkit.TestRequests;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The job in a Flink cluster of this process, in fair weather and foul. */
class PortraitJobTest {
  @RegisterExtension static GalateaExtension galatea = GalateaExtension.builder().build();

  private final Feed<String> orders = Feed.unbounded(Types.STRING, List.of());

  @Test
  void aFileOfOrdersIsCarriedOutToItsEnd() throws Exception {
    Feed<String> file =
        Feed.bounded(Types.STRING, List.of("ada 1 red hair", "ben 1 a beard", "ada 2 glasses"));
    galatea.run(
        environment ->
            galatea.collect(PortraitJob.build(file.in(environment), galatea.plugin())));

    assertThat(galatea.renders("ada")).extracting(Render::version).containsExactly(1L, 2L);
    assertThat(galatea.renders("ben")).extracting(Render::requestId).containsExactly("1");
  }

  @Test
  void ordersSurviveAKilledTaskManager() throws Exception {
    start();
    orders.send("ada 1 red hair");
    galatea.awaitRender("ada", "1");
    galatea.killTaskManager();
    orders.send("ada 2 glasses");

    assertThat(galatea.awaitRender("ada", "2").version()).isEqualTo(2);
  }

  @Test
  void aFailedSliceIsDoneAgain() throws Exception {
    galatea.failNextSlice();
    orders.send("ada 1 red hair");
    start();

    assertThat(galatea.awaitRender("ada", "1").version()).isEqualTo(1);
  }

  @Test
  void aFailedDeviceRestartsTheJobAndLosesNothing() throws Exception {
    galatea.failDevice();
    orders.send("ada 1 red hair");
    start();

    assertThat(galatea.awaitRender("ada", "1").version()).isEqualTo(1);
  }

  @Test
  void avatarsMoveToMoreSubtasks() throws Exception {
    start();
    orders.send("ada 1 red hair");
    galatea.awaitRenders(1);
    galatea.savepointAndRescale(3);
    orders.send("ada 2 glasses");

    assertThat(galatea.awaitRender("ada", "2").version()).isEqualTo(2);
  }

  @Test
  void aSlowDeviceHoldsNoCheckpoint() throws Exception {
    galatea.holdSlices();
    orders.send("ada 1 red hair");
    start();
    galatea.awaitHeldSlice();
    galatea.cluster().awaitCheckpoints(galatea.job(), 2);
    assertThat(galatea.renders()).isEmpty();
    galatea.freeSlices();

    galatea.awaitRender("ada", "1");
  }

  @Test
  void aPhotoThatIsNoneIsRejected() throws Exception {
    Feed<Request> photos =
        Feed.bounded(TestRequests.brokenPhoto("ada", "1"), TestRequests.photo("ben", "1"));
    galatea.run(
        environment -> galatea.collect(galatea.plugin().refine(photos.in(environment))));

    assertThat(galatea.rejects())
        .extracting(Reject::reason)
        .containsExactly(Reject.Reason.UNSUPPORTED_IMAGE);
    assertThat(galatea.renders()).extracting(Render::identity).containsExactly("ben");
  }

  @Test
  void aBrokerNeedsAFurtherArtifact() {
    assertThatThrownBy(() -> GalateaExtension.builder().withKafka())
        .hasMessageContaining("dev.galatea:galatea-embedded");
  }

  @Test
  void nothingOfKafkaNorOfTheCommandLineIsInherited() {
    assertThat(System.getProperty("java.class.path"))
        .doesNotContain("kafka", "scala-library", "picocli", "jline", "log4j", "junit-vintage");
  }

  private void start() throws Exception {
    galatea.start(
        environment ->
            galatea.collect(PortraitJob.build(orders.in(environment), galatea.plugin())));
  }
}
