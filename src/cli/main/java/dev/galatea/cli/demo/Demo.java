package dev.galatea.cli.demo;

import dev.galatea.cli.Interruption;
import dev.galatea.cli.UserError;
import dev.galatea.cli.avatars.AvatarExporter;
import dev.galatea.cli.avatars.ExportSettings;
import dev.galatea.cli.avatars.TopicAvatars;
import dev.galatea.cli.embedded.EmbeddedSystem;
import dev.galatea.cli.embedded.KafkaClient;
import dev.galatea.cli.requests.RequestFile;
import dev.galatea.cli.requests.RequestLine;
import dev.galatea.cli.requests.RequestSource;
import dev.galatea.cli.studio.StudioPage;
import dev.galatea.cli.terminal.PictureFolder;
import dev.galatea.cli.terminal.ProgressView;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.flink.LaneOptions;
import dev.galatea.flink.RefineOptions;
import dev.galatea.flink.RenderOptions;
import dev.galatea.kafka.KafkaOptions;
import dev.galatea.kafka.KafkaTopics;
import dev.galatea.records.Header;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;

/**
 * Sends requests in turn, writes the pictures that come back, and leaves a sheet and a report.
 *
 * <p><b>Owns</b> the embedded system and its clients while {@link #run} runs. {@link #run} returns
 * when all is done, interrupted or failed, and writes the sheet and the report in each case.
 * <b>Threads</b>: one.
 */
final class Demo implements KafkaClient.Listener {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final int RESTARTS = 3;

  private final DemoSettings settings;
  private final PackManifest manifest;
  private final PictureFolder folder;
  private final RequestFile file;
  private final RequestSequencer turns;
  private final DemoRecord journal;
  private final PhotoKeeper photos;
  private final ProgressView progress;
  private final Map<Header.Origin, RequestLine> onTheirWay = new HashMap<>();
  private KafkaClient exchange;

  /**
   * @throws UserError if the request file or the output directory cannot be used
   * @throws dev.galatea.engine.pack.PackException if the pack cannot be used
   */
  Demo(DemoSettings settings, PrintStream out) {
    this.settings = settings;
    this.manifest = PackManifest.read(settings.pack());
    this.folder = PictureFolder.open(settings.out());
    this.file =
        RequestFile.read(
                settings.requests().map(RequestSource::of).orElseGet(RequestSource::bundled),
                manifest.camera(),
                settings.steps(),
                settings.maxRequests())
            .after(settings.photos(), settings.steps());
    this.turns = new RequestSequencer(file.lines());
    this.journal = new DemoRecord(settings.maxRequests(), file.broken());
    this.photos = new PhotoKeeper(journal, manifest.imageSize());
    this.progress = ProgressView.on(out);
  }

  /** Runs the demo to its end and returns the exit code. */
  int run() {
    for (RequestFile.BrokenLine broken : file.broken()) {
      progress.say("line %d is skipped: %s".formatted(broken.number(), broken.message()));
    }
    if (file.lines().isEmpty() && settings.once()) {
      throw new UserError("there is no request to send");
    }
    progress.say("Starting Kafka and Flink in this process ...");
    try (progress;
        EmbeddedSystem system =
            EmbeddedSystem.start(options(), settings.port(), settings.parallelism());
        KafkaClient opened = system.exchange();
        StudioPage studio =
            StudioPage.start(
                settings.studio(), system.options(), system.flinkRest(), settings.openStudio())) {
      exchange = opened;
      try {
        follow(system, studio);
      } finally {
        finish();
      }
      if (settings.exports() && turns.done()) {
        export(system);
      }
    }
    return 0;
  }

  private Configuration options() {
    Configuration options = new Configuration();
    options.set(RefineOptions.PACK, settings.pack().toAbsolutePath().toString());
    options.set(RenderOptions.VIEWS, settings.views().stream().map(String::valueOf).toList());
    options.set(KafkaOptions.NEW_TOPIC_PARTITIONS, settings.parallelism());
    // Whatever stops the job here will stop it again: say so rather than try for ever.
    options.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
    options.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, RESTARTS);
    options.addAll(settings.options());
    return options;
  }

  private void follow(EmbeddedSystem system, StudioPage studio) {
    turns.first().forEach(this::send);
    boolean announced = false;
    long heardNanos = System.nanoTime();
    while (!Interruption.requested()) {
      studio.tell(progress::say);
      if (exchange.poll(POLL, this)) {
        heardNanos = System.nanoTime();
      }
      if (turns.done()) {
        if (settings.once()) {
          return;
        }
        if (!announced) {
          finish();
          progress.say(invitation(system));
          announced = true;
        }
      } else {
        checkHeardSince(heardNanos);
      }
      if (!system.job().isRunning()) {
        throw new UserError("the job has ended");
      }
    }
  }

  private static String invitation(EmbeddedSystem system) {
    KafkaTopics topics = system.topics();
    return """
        Send requests of your own to %s (docs/producing.md): topics %s.
        Answers come on %s. Pictures are written as they come; Ctrl-C stops."""
        .formatted(
            system.bootstrapServers(),
            String.join(", ", topics.inputs()),
            String.join(", ", topics.outputs()));
  }

  private void checkHeardSince(long heardNanos) {
    if (System.nanoTime() - heardNanos > settings.stall().toNanos()) {
      throw new UserError(
          "nothing was heard for %d s; --stall-timeout waits longer"
              .formatted(settings.stall().toSeconds()));
    }
  }

  private void send(RequestLine line) {
    try {
      Request request = line.request();
      photos.keep(request);
      onTheirWay.put(exchange.send(request), line);
    } catch (IOException e) {
      throw new UserError(line.place() + ": " + e.getMessage(), e);
    }
    journal.sent(line.identity(), sinceStart());
    progress.sent(line.identity(), line.label());
  }

  @Override
  public void render(Render render) {
    Optional<RequestLine> line =
        turns
            .onItsWay(render.identity())
            .filter(sent -> sent.requestId().equals(render.requestId()));
    String label = line.map(RequestLine::label).orElse(render.requestId());
    try {
      if (render.stage() == Render.Stage.FINAL) {
        completed(render, label);
        if (line.isPresent() && render.photo().isPresent()) {
          photos.keepCrop(line.get(), render.photo().get().crop());
        }
        line.ifPresent(this::answered);
      } else if (journal.version(render.identity()) < render.version()) {
        preview(render, label);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("a picture cannot be read or written: " + e.getMessage(), e);
    }
  }

  private void preview(Render render, String label) throws IOException {
    folder.writePreview(render);
    if (journal.preview(sinceStart())) {
      progress.say(
          "First preview %.1f s after the start, in %s"
              .formatted(sinceStart().toMillis() / 1e3, settings.out()));
    }
    progress.preview(render, label);
  }

  private void completed(Render render, String label) throws IOException {
    List<PictureFolder.WrittenView> views = folder.write(render);
    folder.removePreview(render);
    journal.completed(render, label, views, sinceStart());
    progress.completed(render, label, views.get(0).file());
    if (turns.done()) {
      finish();
    }
  }

  @Override
  public void reject(Reject reject) {
    Optional<RequestLine> line = reject.origin().map(onTheirWay::get);
    String identity =
        line.map(RequestLine::identity).or(reject::identity).orElse("(unknown identity)");
    String label = line.map(RequestLine::label).or(reject::requestId).orElse("(unknown request)");
    journal.rejected(reject, identity, label);
    progress.rejected(identity, label, reject);
    line.ifPresent(this::answered);
  }

  private void answered(RequestLine line) {
    onTheirWay.values().remove(line);
    turns.answered(line).ifPresent(this::send);
  }

  /** Writes the sheet and the report as they stand. */
  private void finish() {
    try {
      folder.write(ContactSheet.FILE_NAME, ContactSheet.draw(folder.root(), journal));
      folder.write(DemoReport.FILE_NAME, DemoReport.of(manifest.id(), journal).toJson());
    } catch (IOException e) {
      throw new UncheckedIOException("the sheet cannot be written: " + e.getMessage(), e);
    }
    progress.say(
        "%d requests sent by the demo, %d done, %d rejected; %d steps at %.1f per second. See %s and %s in %s"
            .formatted(
                journal.sent(),
                journal.completed(),
                journal.rejected(),
                journal.identitySteps(),
                journal.identityStepsPerSecond(),
                ContactSheet.FILE_NAME,
                DemoReport.FILE_NAME,
                settings.out()));
  }

  /** Leaves a turntable and a mesh of each avatar. */
  private void export(EmbeddedSystem system) {
    Path avatars = folder.root().resolve("avatars");
    List<LatestAvatar> published = published(system);
    try (AvatarExporter exporter =
        AvatarExporter.open(
            settings.pack(),
            avatars,
            ExportSettings.turntableAndMesh(settings.options().get(LaneOptions.DEVICE)))) {
      published.forEach(exporter::export);
      progress.say(
          "A turntable%s of each avatar: %s"
              .formatted(exporter.makesMeshes() ? " and a mesh" : "", avatars));
    }
  }

  /** What is published of the avatars, once it is as new as their last renders. */
  private List<LatestAvatar> published(EmbeddedSystem system) {
    TopicAvatars topic = new TopicAvatars(system.options(), settings.maxRequests());
    long deadline = System.nanoTime() + settings.stall().toNanos();
    while (true) {
      List<LatestAvatar> avatars = topic.avatars();
      boolean isNew =
          journal.versions().entrySet().stream()
              .allMatch(
                  shown ->
                      avatars.stream()
                          .filter(avatar -> avatar.identity().equals(shown.getKey()))
                          .anyMatch(a -> a.known().orElseThrow().version() >= shown.getValue()));
      if (isNew) {
        return avatars;
      }
      if (System.nanoTime() > deadline) {
        throw new UserError(
            "the last avatars were not published within %d s; --stall-timeout waits longer"
                .formatted(settings.stall().toSeconds()));
      }
    }
  }

  /** Time since the JVM was started, including its own start. */
  private static Duration sinceStart() {
    return Duration.ofMillis(
        System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime());
  }
}
