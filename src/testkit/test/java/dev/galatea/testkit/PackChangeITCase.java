package dev.galatea.testkit;

import static dev.galatea.testkit.TestRequests.withSteps;
import static org.assertj.core.api.Assertions.assertThat;

import dev.galatea.engine.refine.LatentSpace;
import dev.galatea.records.PackId;
import dev.galatea.records.request.Message;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A job starts from a savepoint of another pack, whose latents and pictures have other sizes. */
@Timeout(180)
class PackChangeITCase {
  private static final Path TINY = Path.of("src/engine/test/resources/packs/tiny");
  private static final Path REDUCED = Path.of("src/engine/test/resources/packs/reduced");

  @RegisterExtension static GalateaExtension galatea = GalateaExtension.builder().build();

  @Test
  void avatarsAreMadeAnewAtTheNextRequest() throws Exception {
    Feed<Message> requests = Feed.messages();
    requests.send(withSteps(TestRequests.photo("ada", "photo"), 2));
    galatea.start(
        environment -> galatea.collect(galatea.plugin().refine(requests.in(environment))));
    galatea.awaitRender("ada", "photo");

    requests.send(TestRequests.look("ada", "look"));
    assertThat(galatea.awaitViews("look").views()).hasSize(1);

    galatea.savepointAndChangePack(REDUCED);
    requests.send(TestRequests.look("ada", "too early"));
    assertThat(galatea.awaitRejects(1))
        .extracting(Reject::reason)
        .containsExactly(Reject.Reason.PACK_CHANGED);
    requests.send(withSteps(TestRequests.light("ada", "light"), 2));
    galatea.awaitRender("ada", "light");

    assertThat(galatea.renders("ada"))
        .extracting(Render::requestId)
        .containsExactly("photo", "photo", "light");
    assertThat(galatea.renders("ada"))
        .extracting(Render::pack)
        .containsExactly(packOf(TINY), packOf(REDUCED), packOf(REDUCED));
    assertThat(galatea.latest("ada").orElseThrow().pack()).isEqualTo(packOf(REDUCED));
    assertThat(galatea.rejects()).hasSize(1);
  }

  private static Optional<PackId> packOf(Path directory) {
    return Optional.of(LatentSpace.of(directory).pack());
  }
}
