package dev.galatea.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.galatea.records.request.Message;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A savepoint after Forget holds nothing of the identity. */
@Timeout(120)
class ForgetITCase {
  private static final String IDENTITY = "the-one-to-forget";

  @RegisterExtension
  static GalateaExtension galatea = GalateaExtension.builder().withoutNetworks().build();

  @Test
  void nothingOfAForgottenIdentityIsInStateOrComesBack() throws Exception {
    Feed<Message> messages = Feed.messages(TestRequests.photo(IDENTITY, "r1"));
    galatea.start(
        environment -> galatea.collect(galatea.plugin().refine(messages.in(environment))));
    galatea.awaitRender(IDENTITY, "r1");
    assertThat(savepointHolds(IDENTITY)).isTrue();

    galatea.holdSlices();
    messages.send(TestRequests.prompt(IDENTITY, "r2", "red hair"));
    galatea.awaitHeldSlice();
    messages.send(TestRequests.forget(IDENTITY, "forget"));
    assertThat(galatea.awaitForgotten(1).get(0).version()).isEqualTo(1);
    galatea.freeSlices();
    assertThat(galatea.awaitRejects(1))
        .extracting(Reject::reason)
        .containsExactly(Reject.Reason.FORGOTTEN);
    assertThat(savepointHolds(IDENTITY)).isFalse();
    assertThat(galatea.latest(IDENTITY)).isEmpty();

    galatea.killTaskManager();
    messages.send(TestRequests.photo("ben", "r1"));
    galatea.awaitRender("ben", "r1");
    assertThat(galatea.renders(IDENTITY)).extracting(Render::requestId).isEqualTo(List.of("r1"));
  }

  private static boolean savepointHolds(String text) throws Exception {
    Path savepoint = Path.of(URI.create(galatea.cluster().savepoint(galatea.job())));
    try (Stream<Path> files = Files.walk(savepoint)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (Files.readString(file, StandardCharsets.ISO_8859_1).contains(text)) {
          return true;
        }
      }
    }
    return false;
  }
}
