package dev.galatea.engine.pack;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import dev.galatea.engine.guidance.GuidanceKind;
import dev.galatea.records.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Reads a manifest and holds it against the contract, so that everybody else can trust it. */
final class ManifestReader {
  private static final long MAX_BYTES = 1 << 20;
  private static final int MAX_STEPS = 1_000_000;
  private static final int MAX_IMAGE_SIZE = 4096;
  private static final int MAX_EXAMPLES = 100;
  private static final int MAX_EXAMPLE_CHARS = 50;
  private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,254}");
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .addModule(new SimpleModule().addKeyDeserializer(Request.Kind.class, new KindKeys()))
          .build();

  private final Path file;
  private final PackManifest manifest;

  private ManifestReader(Path file, PackManifest manifest) {
    this.file = file;
    this.manifest = manifest;
  }

  static PackManifest read(Path directory) {
    Path file = directory.resolve(PackManifest.FILE_NAME);
    PackManifest manifest = parse(file);
    new ManifestReader(file, manifest).check();
    return manifest;
  }

  private static PackManifest parse(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new PackException(
          file + " does not exist; a pack is a directory with a " + PackManifest.FILE_NAME);
    }
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new PackException(file + " is larger than " + MAX_BYTES + " bytes");
      }
      byte[] bytes = Files.readAllBytes(file);
      JsonNode tree = JSON.readTree(bytes);
      checkFormat(file, tree);
      checkNoNulls(file, "", tree);
      return JSON.readValue(bytes, PackManifest.class);
    } catch (JsonProcessingException e) {
      throw new PackException(file + ": " + e.getOriginalMessage() + at(e), e);
    } catch (IOException e) {
      throw new PackException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** Told first: a manifest of another format may have keys that mean nothing here. */
  private static void checkFormat(Path file, JsonNode tree) {
    JsonNode format = tree.path("format");
    if (!format.isInt() || format.intValue() != PackManifest.FORMAT) {
      throw new PackException(
          "%s: format %s is unknown; this release reads format %d"
              .formatted(file, format.isMissingNode() ? "(missing)" : format, PackManifest.FORMAT));
    }
  }

  /** What a pack lacks is left out. */
  private static void checkNoNulls(Path file, String path, JsonNode node) {
    if (node.isNull()) {
      throw new PackException(file + ": " + path + " is null; leave out what the pack lacks");
    }
    node.properties()
        .forEach(
            entry ->
                checkNoNulls(
                    file,
                    path.isEmpty() ? entry.getKey() : path + "." + entry.getKey(),
                    entry.getValue()));
  }

  private static String at(JsonProcessingException e) {
    return e.getLocation() == null
        ? ""
        : " (line %d, column %d)"
            .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
  }

  private void check() {
    checkShapes();
    checkDefaults();
    checkNetworks();
    for (Map.Entry<String, PackManifest.FileEntry> entry : manifest.files().entrySet()) {
      require(
          PLAIN_NAME.matcher(entry.getKey()).matches(),
          "files: '%s' is not a plain file name; files lie in the pack's directory itself",
          entry.getKey());
      require(
          SHA256.matcher(entry.getValue().sha256()).matches(),
          "files: sha256 of %s is not 64 lower-case hexadecimal digits",
          entry.getKey());
    }
    for (PackManifest.Source source : manifest.sources()) {
      require(
          SHA256.matcher(source.sha256()).matches(),
          "sources: sha256 of %s is not 64 lower-case hexadecimal digits",
          source.file());
    }
    for (String name : namedFiles()) {
      require(
          manifest.files().containsKey(name),
          "%s is named but not listed under files with its sha256 and bytes",
          name);
    }
  }

  private void checkShapes() {
    within("image_size", manifest.imageSize(), 8, MAX_IMAGE_SIZE);
    within("latent.layers", manifest.latent().layers(), 1, 1024);
    within("latent.width", manifest.latent().width(), 1, 1 << 16);
    within("planes.channels", manifest.planes().channels(), 1, 1 << 16);
    within("planes.size", manifest.planes().size(), 1, MAX_IMAGE_SIZE);
    within("camera.radius", manifest.camera().radius(), 1e-3, 1e3);
    within("camera.focal", manifest.camera().focal(), 1e-3, 1e3);
    within("camera.side_yaw", manifest.camera().sideYaw(), 0, Math.PI);
    within("camera.side_pitch", manifest.camera().sidePitch(), 0, Math.PI / 2);
    within("camera.side_steps", manifest.camera().sideSteps(), 1, 1 << 16);
    if (manifest.text() != null) {
      checkText(manifest.text());
    }
    if (manifest.prior() != null) {
      within("prior.channels", manifest.prior().channels(), 1, 4096);
      within("prior.size", manifest.prior().size(), 1, MAX_IMAGE_SIZE);
      within("prior.steps", manifest.prior().steps(), 1, 1 << 20);
      List<Double> range = manifest.prior().range();
      require(
          range == null || (range.size() == 2 && range.get(0) < range.get(1)),
          "prior.range must be the lowest and the highest value of a clean sample, not %s",
          range);
    }
    if (manifest.identity() != null) {
      within("identity.width", manifest.identity().width(), 1, 1 << 16);
    }
    if (manifest.mapping() != null) {
      within("mapping.width", manifest.mapping().width(), 1, 1 << 16);
    }
  }

  private void checkText(PackManifest.Text text) {
    within("text.tokens", text.tokens(), 1, 4096);
    within("text.width", text.width(), 1, 1 << 16);
    require(
        text.neutral().isEmpty() == text.understands().isEmpty(),
        "text has one of 'neutral' and 'understands': they are there together or not at all");
    require(
        text.understands().size() <= MAX_EXAMPLES
            && text.understands().stream()
                .allMatch(example -> !example.isBlank() && example.length() <= MAX_EXAMPLE_CHARS),
        "text.understands must be at most %s phrases of 1 to %s characters",
        MAX_EXAMPLES,
        MAX_EXAMPLE_CHARS);
  }

  private void checkDefaults() {
    PackManifest.Defaults defaults = manifest.defaults();
    within("defaults.warmup", defaults.warmup(), 0, 1);
    within("defaults.cooldown", defaults.cooldown(), 0, 1);
    checkDistillation("defaults", defaults.editing());
    for (Request.Kind kind : Request.Kind.values()) {
      within("defaults.steps", defaults.steps(), kind, 1, MAX_STEPS);
      within("defaults.learning_rate", defaults.learningRate(), kind, 1e-9, 1e3);
      Map<GuidanceKind, Double> weights = of("defaults.weights", defaults.weights(), kind);
      for (GuidanceKind guide : GuidanceKind.values()) {
        Double weight = weights.get(guide);
        String name =
            "defaults.weights." + KindKeys.key(kind) + "." + guide.label().replace('-', '_');
        require(weight != null, "%s is missing", name);
        within(name, weight, 0, 1e6);
      }
    }
    defaults.layers().forEach(this::checkLayers);
    if (defaults.mask() != null) {
      checkMask(defaults.mask());
    }
    if (defaults.balance() != null) {
      within("defaults.balance.answer", defaults.balance().answer(), 1e-6, 1e3);
      within("defaults.balance.power", defaults.balance().power(), -4, 4);
      within("defaults.balance.most", defaults.balance().most(), 1, 1e3);
      require(
          defaults.mask() != null,
          "there is defaults.balance but no defaults.mask, whose predictions it measures");
    }
    if (defaults.creation() != null) {
      within("defaults.creation.steps", defaults.creation().steps(), 1, MAX_STEPS);
      within("defaults.creation.learning_rate", defaults.creation().learningRate(), 1e-9, 1e3);
      checkDistillation("defaults.creation", defaults.creation().scoring());
    }
  }

  private void checkDistillation(String key, Distillation distillation) {
    within(key + ".guidance_scale", distillation.guidanceScale(), 0, 1e3);
    List<Double> range = distillation.timesteps();
    require(
        range.size() == 2 && 0 <= range.get(0) && range.get(0) <= range.get(1) && range.get(1) <= 1,
        "%s.timesteps must be two shares in [0, 1], the lower first, not %s",
        key,
        range);
  }

  private void checkMask(PackManifest.Mask mask) {
    within("defaults.mask.draws", mask.draws(), 1, 1024);
    within("defaults.mask.timestep", mask.timestep(), 0, 1);
    within("defaults.mask.low", mask.low(), 0, 1);
    within("defaults.mask.high", mask.high(), 0, 1);
    require(
        mask.low() < mask.high(),
        "defaults.mask.low is %s; it must be below defaults.mask.high, %s",
        mask.low(),
        mask.high());
  }

  private void checkLayers(Request.Kind kind, List<Double> factors) {
    String key = "defaults.layers." + KindKeys.key(kind);
    int layers = manifest.latent().layers();
    require(
        factors.size() == layers,
        "%s has %d numbers; it must have one for each of the %d rows of W+ (latent.layers)",
        key,
        factors.size(),
        layers);
    for (int row = 0; row < layers; row++) {
      within(key + "[" + row + "]", factors.get(row), 0, 1e3);
    }
    require(
        factors.stream().anyMatch(factor -> factor > 0),
        "%s is all 0, so that no request of this kind would move anything",
        key);
  }

  private void checkNetworks() {
    for (Network network : List.of(Network.PLANES, Network.RENDER)) {
      require(has(network), "networks has no '%s', which every pack needs", network.key());
    }
    require(
        !has(Network.TEXT) || manifest.text() != null,
        "there is a text network but no text section");
    require(
        !(has(Network.PRIOR) || has(Network.PRIOR_ENCODE)) || manifest.prior() != null,
        "there is a prior network but no prior section");
    require(
        !has(Network.IDENTITY) || manifest.identity() != null,
        "there is an identity network but no identity section");
    require(
        !has(Network.MAPPING) || manifest.mapping() != null,
        "there is a mapping network but no mapping section");
    require(
        !has(Network.LATENT_MAPPER) || has(Network.TEXT),
        "there is a latent_mapper network but no text network, whose conditioning it takes");
  }

  private boolean has(Network network) {
    return manifest.networks().containsKey(network);
  }

  private List<String> namedFiles() {
    List<String> names = new ArrayList<>(manifest.networks().values());
    names.add(manifest.latent().mean());
    if (manifest.text() != null) {
      names.add(manifest.text().tokenizer());
    }
    if (manifest.prior() != null) {
      names.add(manifest.prior().alphasCumprod());
    }
    return names;
  }

  private <T> T of(String key, Map<Request.Kind, T> values, Request.Kind kind) {
    T value = values.get(kind);
    require(value != null, "%s has no '%s'", key, KindKeys.key(kind));
    return value;
  }

  private void within(
      String key,
      Map<Request.Kind, ? extends Number> values,
      Request.Kind kind,
      double low,
      double high) {
    double value = of(key, values, kind).doubleValue();
    within(key + "." + KindKeys.key(kind), value, low, high);
  }

  private void within(String key, double value, double low, double high) {
    require(
        low <= value && value <= high,
        "%s is %s; it must be from %s to %s",
        key,
        plain(value),
        plain(low),
        plain(high));
  }

  private static String plain(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  private void require(boolean holds, String message, Object... arguments) {
    if (!holds) {
      throw new PackException(file + ": " + message.formatted(arguments));
    }
  }
}
