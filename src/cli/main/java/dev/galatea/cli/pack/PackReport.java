package dev.galatea.cli.pack;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.galatea.engine.guidance.GuidanceSpec;
import dev.galatea.engine.pack.NetworkContract;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.engine.verify.GuidanceVerifier;
import dev.galatea.engine.verify.Verification;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What verifying a pack found: printed as it comes and kept for JSON. Used by one thread. */
final class PackReport {
  private static final double MEGA = 1e6;
  private static final String LINE = "%-19s %9s %5s %11s %14s %9s %10s%n";

  private final PrintWriter out;
  private final Map<String, Object> pack = new LinkedHashMap<>();
  private final List<Map<String, Object>> networks = new ArrayList<>();
  private final List<Map<String, Object>> guidances = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();

  /**
   * An empty report.
   *
   * @param out takes the lines
   */
  PackReport(PrintWriter out) {
    this.out = out;
  }

  /** The manifest is right. */
  void begin(PackManifest manifest, String device) {
    pack.put("id", manifest.id());
    pack.put("version", manifest.version());
    pack.put("licence", manifest.licence());
    pack.put("device", device);
    line(
        "%s %d: %d networks, W+ %d x %d, pictures of %d x %d, licence %s. On %s, one thread.%n",
        manifest.id(),
        manifest.version(),
        manifest.networks().size() + manifest.guidances().size(),
        manifest.latent().layers(),
        manifest.latent().width(),
        manifest.imageSize(),
        manifest.imageSize(),
        manifest.licence(),
        device);
  }

  /** All files are those of the manifest. */
  void files(PackManifest manifest, double seconds) {
    long bytes = manifest.files().values().stream().mapToLong(PackManifest.FileEntry::bytes).sum();
    pack.put("files", manifest.files().size());
    pack.put("bytes", bytes);
    line(
        "%d files, %.1f MB, are those of the manifest (%.1f s).%n",
        manifest.files().size(), bytes / MEGA, seconds);
  }

  /** All files are what their names promise. */
  void loaded(double seconds) {
    pack.put("load_seconds", seconds);
    line("Loaded (%.1f s).%n%n", seconds);
  }

  /** Networks follow. */
  void networks() {
    line(
        LINE,
        "network",
        "file MB",
        "rows",
        "forward ms",
        "with backward",
        "peak MB",
        "rows differ");
  }

  /** A network is right. */
  void network(PackManifest manifest, NetworkContract network, Verification found) {
    long bytes = manifest.file(network).bytes();
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("network", network.key());
    figures.put("file_bytes", bytes);
    networks.add(figures);
    figures(network.key(), number("%.1f", bytes / MEGA), found, "", figures);
  }

  /** Guidances follow. */
  void guidances() {
    line(
        "%n" + LINE,
        "guidance",
        "request",
        "rows",
        "gradient",
        "ms a step",
        "peak MB",
        "rows differ");
  }

  /** A guidance is right. */
  void guidance(GuidanceSpec guidance, GuidanceVerifier.GuidanceVerification found) {
    Map<String, Object> figures = new LinkedHashMap<>();
    String request =
        found.request().map(kind -> kind.name().toLowerCase(Locale.ROOT)).orElse("none");
    figures.put("guidance", guidance.label());
    figures.put("request", request);
    figures.put("gradient", found.gradient());
    guidances.add(figures);
    String gradient = number("%.1e", found.gradient());
    figures(guidance.label(), request, found.step(), gradient, figures);
  }

  private void figures(
      String name, String of, Verification found, String first, Map<String, Object> all) {
    List<Map<String, Object>> batches = new ArrayList<>();
    all.put("batches", batches);
    batches.add(batch(found.one()));
    print(name, of, found.one(), first, "");
    found
        .several()
        .ifPresentOrElse(
            several -> {
              double difference = found.difference().orElseThrow();
              all.put("rows_differ", difference);
              batches.add(batch(several));
              print("", "", several, "", number("%.1e", difference));
            },
            () -> {
              String note =
                  name + " was verified with 1 row alone: the device has no room for more";
              notes.add(note);
              line("%19s %s%n", "", note);
            });
  }

  private void print(
      String name, String of, Verification.Batch batch, String first, String difference) {
    line(
        LINE,
        name,
        of,
        batch.rows(),
        batch.forward().map(cost -> number("%.1f", cost.millis())).orElse(first),
        batch.differentiated().map(cost -> number("%.1f", cost.millis())).orElse("-"),
        peak(batch).map(bytes -> number("%.1f", bytes / MEGA)).orElse("-"),
        difference);
  }

  private static Map<String, Object> batch(Verification.Batch batch) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("rows", batch.rows());
    batch.forward().ifPresent(cost -> figures.put("forward_ms", cost.millis()));
    batch.differentiated().ifPresent(cost -> figures.put("with_backward_ms", cost.millis()));
    peak(batch).ifPresent(bytes -> figures.put("peak_bytes", bytes));
    return figures;
  }

  private static Optional<Long> peak(Verification.Batch batch) {
    OptionalLong bytes = batch.largest().peakBytes();
    return bytes.isPresent() ? Optional.of(bytes.getAsLong()) : Optional.empty();
  }

  /** Something is wrong. */
  void wrong(String what, String message) {
    problems.add(what + ": " + message);
    line("%-19s WRONG: %s%n", what, message);
  }

  /** Nothing further is found. */
  void conclude() {
    if (isGood()) {
      line(
          "%nThe pack is good%s.%n",
          notes.isEmpty() ? "" : ", as far as it could be verified here");
    } else {
      line(
          "%nThe pack is not good: %d %s.%n",
          problems.size(), problems.size() == 1 ? "thing is wrong" : "things are wrong");
    }
  }

  /** Whether nothing was wrong. */
  boolean isGood() {
    return problems.isEmpty();
  }

  /** Everything, indented. */
  String toJson() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("good", isGood());
    all.put("pack", pack);
    all.put("networks", networks);
    all.put("guidances", guidances);
    all.put("notes", notes);
    all.put("problems", problems);
    try {
      return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(all);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("numbers and texts have JSON", e);
    }
  }

  private void line(String format, Object... arguments) {
    out.printf(Locale.ROOT, format, arguments);
    out.flush();
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
