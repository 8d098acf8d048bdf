package dev.galatea.cli.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.galatea.flink.RefineOptions;
import dev.galatea.kafka.KafkaOptions;
import dev.galatea.studio.Studio;
import dev.galatea.studio.StudioSettings;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Broker, cluster and job as {@code demo} and {@code bench} run them. */
class ClosedDoorsITCase {
  private static final Path PACK = Path.of("src/engine/test/resources/packs/tiny");

  @BeforeAll
  static void socketsMustBeTold() {
    assumeTrue(OwnSockets.areTold(), "this system has no /proc/self/net, which tells of sockets");
  }

  @Test
  void nothingListensBeyondLoopbackWhileTheJobIsAtWork() throws Exception {
    Configuration options = new Configuration();
    options.set(RefineOptions.PACK, PACK.toAbsolutePath().toString());
    options.set(KafkaOptions.NEW_TOPIC_PARTITIONS, 1);
    try (EmbeddedSystem system = EmbeddedSystem.start(options, 0, 1);
        Studio studio = Studio.start(StudioSettings.DEFAULT, system.options())) {
      assertThat(OwnSockets.open())
          .extracting(InetSocketAddress::getPort)
          .contains(studio.address().getPort());
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> system.job().health().checkpoints().completed() > 0);
      List<InetSocketAddress> open = OwnSockets.open();
      assertThat(open)
          .as("broker, controller, REST and blob server, studio")
          .hasSizeGreaterThanOrEqualTo(5)
          .allMatch(socket -> socket.getAddress().isLoopbackAddress());
    }
  }

  @Test
  void anOpenDoorWouldBeSeen() throws Exception {
    try (ServerSocket tcp = new ServerSocket(0);
        DatagramSocket udp = new DatagramSocket(0)) {
      assertThat(OwnSockets.open())
          .filteredOn(socket -> socket.getAddress().isAnyLocalAddress())
          .extracting(InetSocketAddress::getPort)
          .contains(tcp.getLocalPort(), udp.getLocalPort());
    }
  }
}
