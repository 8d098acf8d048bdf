package dev.galatea.cli.demo;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.galatea.cli.terminal.PhotoEntry;
import dev.galatea.cli.terminal.PictureFolder;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** The content of {@code report.json}: what a demo did, for programs. */
public record DemoReport(
    String pack,
    Counts requests,
    Long firstPreviewMs,
    long identitySteps,
    double identityStepsPerS,
    List<IdentityEntry> identities,
    List<RejectedEntry> rejects,
    List<SkippedLine> brokenLines) {
  public static final String FILE_NAME = "report.json";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .serializationInclusion(JsonInclude.Include.ALWAYS)
          .build();

  record Counts(int sent, int completed, int rejected) {}

  record IdentityEntry(String identity, long version, List<CompletedEntry> requests) {}

  /** A completed request. The photo is missing unless Galatea aligned one. */
  record CompletedEntry(
      String requestId,
      String kind,
      int steps,
      long version,
      Map<String, Float> scores,
      @JsonInclude(JsonInclude.Include.NON_NULL) PhotoEntry photo,
      List<PictureFolder.WrittenView> views) {}

  /** A rejected request. The request id is missing if none could be read. */
  record RejectedEntry(String requestId, String reason, String message) {}

  /** A line of the request file that was never sent. */
  record SkippedLine(int line, String message) {}

  /** The report of a record as it stands. */
  static DemoReport of(String pack, DemoRecord journal) {
    List<IdentityEntry> identities = new ArrayList<>();
    List<RejectedEntry> rejects = new ArrayList<>();
    for (String name : journal.identities()) {
      List<DemoRecord.Entry> entries = journal.entries(name);
      List<CompletedEntry> requests =
          entries.stream()
              .flatMap(entry -> entry.match(Stream::of, refused -> Stream.empty()))
              .map(DemoReport::completed)
              .toList();
      entries.stream()
          .flatMap(entry -> entry.match(done -> Stream.empty(), Stream::of))
          .map(DemoReport::rejected)
          .forEach(rejects::add);
      if (!requests.isEmpty()) {
        identities.add(
            new IdentityEntry(name, requests.get(requests.size() - 1).version(), requests));
      }
    }
    return new DemoReport(
        pack,
        new Counts(journal.sent(), journal.completed(), journal.rejected()),
        journal.firstPreview().map(Duration::toMillis).orElse(null),
        journal.identitySteps(),
        Math.round(journal.identityStepsPerSecond() * 100) / 100.0,
        identities,
        rejects,
        journal.broken().stream().map(b -> new SkippedLine(b.number(), b.message())).toList());
  }

  private static CompletedEntry completed(DemoRecord.CompletedRequest done) {
    return new CompletedEntry(
        done.requestId(),
        done.kind().name().toLowerCase(Locale.ROOT),
        done.steps(),
        done.version(),
        done.scores(),
        done.photo().map(PhotoEntry::of).orElse(null),
        done.views());
  }

  private static RejectedEntry rejected(DemoRecord.RejectedRequest refused) {
    return new RejectedEntry(
        refused.requestId().orElse(null), refused.reason().name(), refused.message());
  }

  /** As JSON. */
  byte[] toJson() throws IOException {
    return JSON.writeValueAsBytes(this);
  }
}
