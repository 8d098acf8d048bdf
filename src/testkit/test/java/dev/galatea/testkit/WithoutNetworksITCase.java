package dev.galatea.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.galatea.engine.testing.ArithmeticRefiner;
import dev.galatea.kafka.KafkaOptions;
import dev.galatea.kafka.KafkaPreflight;
import dev.galatea.kafka.KafkaStreams;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The kit with arithmetic refiners and a broker; with the pack's networks: the example. */
@Timeout(120)
class WithoutNetworksITCase {
  @RegisterExtension
  static GalateaExtension galatea =
      GalateaExtension.builder().withoutNetworks().withKafka().build();

  private final Feed<Request> requests = Feed.unbounded();

  @Test
  void rendersReachTheBroker() throws Exception {
    Configuration config =
        galatea
            .config()
            .set(KafkaOptions.BOOTSTRAP_SERVERS, galatea.bootstrapServers())
            .set(KafkaOptions.NEW_TOPIC_PARTITIONS, 1);
    KafkaPreflight.check(config);
    requests.send(TestRequests.photo("ada", "r1"));
    galatea.start(
        environment -> {
          var avatars = galatea.plugin().refine(requests.in(environment));
          KafkaStreams.writeRenders(avatars.renders(), config);
          galatea.collect(avatars);
        });

    assertThat(galatea.awaitRender("ada", "r1").version()).isEqualTo(1);
  }

  @Test
  void aRequestThatNoMemoryHoldsIsRejected() throws Exception {
    galatea.limitDeviceMemory(0);
    requests.send(TestRequests.light("ada", "r1"));
    start();

    assertThat(galatea.awaitRejects(1))
        .extracting(Reject::reason)
        .containsExactly(Reject.Reason.OUT_OF_DEVICE_MEMORY);
  }

  @Test
  void aPoisonRequestIsGivenUpAndTheJobGoesOn() throws Exception {
    requests.send(TestRequests.prompt("ada", "bad", ArithmeticRefiner.POISON));
    requests.send(TestRequests.prompt("ada", "r1", "red hair"));
    requests.send(TestRequests.light("ben", "r1"));
    start();

    assertThat(galatea.awaitRejects(1))
        .extracting(Reject::reason)
        .containsExactly(Reject.Reason.FAILED);
    assertThat(galatea.awaitRender("ada", "r1").version()).isEqualTo(1);
    assertThat(galatea.awaitRender("ben", "r1").version()).isEqualTo(1);
  }

  @Test
  void theTaskManagerCanBeKilledTwice() throws Exception {
    start();
    for (int i = 1; i <= 3; i++) {
      requests.send(TestRequests.prompt("ada", "r" + i, "red hair"));
      galatea.awaitRenders(i);
      galatea.killTaskManager();
    }

    requests.send(TestRequests.light("ada", "r4"));
    galatea.awaitRender("ada", "r4");
    assertThat(galatea.renders("ada")).extracting(Render::version).containsExactly(1L, 2L, 3L, 4L);
  }

  @Test
  void aJobThatFailsForGoodEndsTheWait() throws Exception {
    galatea.controls().breakDevice();
    requests.send(TestRequests.prompt("ada", "r1", "red hair"));
    start();

    assertThatThrownBy(() -> galatea.awaitRenders(1))
        .hasMessageContaining("the job has failed")
        .hasStackTraceContaining("the device is broken");
  }

  private void start() throws Exception {
    galatea.start(
        environment -> galatea.collect(galatea.plugin().refine(requests.in(environment))));
  }
}
