package dev.galatea.cli.studio;

import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.kafka.KafkaNotReadyException;
import dev.galatea.studio.Studio;
import dev.galatea.studio.StudioException;
import dev.galatea.studio.StudioSettings;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.apache.flink.configuration.ReadableConfig;

/**
 * A studio beside a command's own work. It starts on a thread of its own, so that the work does not
 * wait for it; if it cannot be served, that is told, and the work goes on.
 */
public final class StudioPage implements AutoCloseable {
  private final Queue<String> news = new ConcurrentLinkedQueue<>();
  private CompletableFuture<Optional<Studio>> studio =
      CompletableFuture.completedFuture(Optional.empty());

  private StudioPage() {}

  /**
   * Begins to serve the page.
   *
   * @param settings empty for no page
   * @param config of the topics
   * @param flinkRest where Flink's REST API answers
   */
  public static StudioPage start(
      Optional<StudioSettings> settings, ReadableConfig config, URI flinkRest, boolean open) {
    StudioPage page = new StudioPage();
    settings
        .map(wanted -> wanted.withFlinkRest(flinkRest))
        .ifPresent(
            whole ->
                page.studio = CompletableFuture.supplyAsync(() -> page.serve(whole, config, open)));
    return page;
  }

  private Optional<Studio> serve(StudioSettings settings, ReadableConfig config, boolean open) {
    try {
      Studio studio = Studio.start(settings, config);
      news.add("Studio, to watch and to send requests: " + studio.address());
      if (open) {
        Browser.open(studio.address()).ifPresent(news::add);
      }
      return Optional.of(studio);
    } catch (KafkaNotReadyException | StudioException | IllegalArgumentException e) {
      news.add("The studio is not served: " + e.getMessage());
      return Optional.empty();
    }
  }

  /** Tells where the page is, once, or why there is none. */
  public void tell(Consumer<String> say) {
    for (String line = news.poll(); line != null; line = news.poll()) {
      say.accept(line);
    }
  }

  /** What the pack understands of prompts, as it tells. */
  public static List<String> suggestions(PackManifest manifest) {
    return manifest.text().map(PackManifest.Text::understands).orElse(List.of());
  }

  @Override
  public void close() {
    studio
        .handle((started, failure) -> Optional.ofNullable(started).flatMap(page -> page))
        .join()
        .ifPresent(Studio::close);
  }
}
