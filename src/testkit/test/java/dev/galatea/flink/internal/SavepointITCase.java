package dev.galatea.flink.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.galatea.engine.testing.ArithmeticRefiner;
import dev.galatea.engine.testing.RefinerControls;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Savepoints of every version of the state that was released are restored by this one. Each was
 * taken amid work: requests waiting, drafts begun, avatars with several versions.
 *
 * <p>When the state changes its version, write a new one beside the old: {@code mvn verify
 * -Dit.test=SavepointITCase -Dgalatea.savepoint.write=v2}.
 */
@Timeout(150)
class SavepointITCase {
  private static final Path SAVEPOINTS = Path.of("src/testkit/test/resources/savepoints");
  private static final RequestSequence SEQUENCE = new RequestSequence(6, 4, 20);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path directory;
  private RefineCluster cluster;

  @AfterEach
  void stopCluster() throws Exception {
    cluster.close();
  }

  static List<Path> savepoints() throws Exception {
    try (Stream<Path> found = Files.list(SAVEPOINTS)) {
      return found.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("savepoints")
  void aSavepointOfAReleasedVersionIsTakenUp(Path savepoint) throws Exception {
    cluster = RefineCluster.start(directory);
    String name = "restore " + savepoint.getFileName();
    JobID job =
        cluster.submitFrom(savepoint.toUri().toString(), name, SEQUENCE, 2, cluster.config());
    for (int i = 0; i < SEQUENCE.identities(); i++) {
      List<Float> all = ArithmeticRefiner.undisturbed(SEQUENCE.of(i));
      String identity = RequestSequence.identity(i);
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(RefineCluster.checksums(name, identity))
                      .isNotEmpty()
                      .endsWith(all.get(all.size() - 1)));
      List<Float> rest = RefineCluster.checksums(name, identity);
      assertThat(rest).isEqualTo(all.subList(all.size() - rest.size(), all.size()));
    }
    cluster.kit().cancel(job);
  }

  @Test
  @EnabledIfSystemProperty(named = "galatea.savepoint.write", matches = "v\\d+")
  void writeASavepointOfTheStateAsItIsNow() throws Exception {
    cluster = RefineCluster.start(directory);
    String name = "write";
    RefinerControls controls = RefinerControls.of(name);
    controls.hold();
    JobID job = cluster.submit(name, SEQUENCE, 2, cluster.config());
    controls.pass(25);
    await().atMost(PATIENCE).until(() -> controls.waiting() == 1 && controls.slices().size() == 26);
    Path taken = Path.of(URI.create(cluster.kit().savepoint(job)));
    controls.free();
    cluster.kit().cancel(job);
    Files.move(taken, SAVEPOINTS.resolve(System.getProperty("galatea.savepoint.write")));
  }
}
