package dev.galatea.engine.pack.manifest;

import dev.galatea.engine.guidance.GuidanceKind;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.PackException;
import dev.galatea.engine.pack.manifest.PackManifest.Section;
import dev.galatea.records.request.Request;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Verifies a manifest that was read: ranges of numbers, names of files, and that what belongs
 * together is there together.
 *
 * @param file where the manifest lies, for messages
 */
record ManifestVerifier(Path file, PackManifest manifest) {
  private static final int MAX_STEPS = 1_000_000;
  private static final int MAX_IMAGE_SIZE = 4096;
  private static final int MAX_EXAMPLES = 100;
  private static final int MAX_LOOKS = 16;
  private static final int MAX_EXAMPLE_CHARS = 50;
  private static final double MAX_WEIGHT = 1e6;
  private static final Pattern PLAIN_FILE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,254}");
  private static final Pattern PLAIN_NAME =
      Pattern.compile("(?=.{1,64}$)[a-z][a-z0-9]*([_-][a-z0-9]+)*");
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  /**
   * Verifies everything.
   *
   * @throws PackException at the first thing that is wrong
   */
  void verify() {
    verifyShapes();
    verifyDefaults();
    verifyNetworks();
    manifest.guidances().forEach(this::verifyGuidance);
    verifyFiles();
  }

  private void verifyFiles() {
    for (Map.Entry<String, PackManifest.FileEntry> entry : manifest.files().entrySet()) {
      require(
          PLAIN_FILE.matcher(entry.getKey()).matches(),
          "files: '%s' is not a plain file name; files lie in the pack's directory itself",
          entry.getKey());
      require(
          SHA256.matcher(entry.getValue().sha256()).matches(),
          "files: sha256 of %s is not 64 lower-case hexadecimal digits",
          entry.getKey());
    }
    for (PackManifest.SourceCheckpoint source : manifest.sources()) {
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

  private void verifyShapes() {
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
    manifest.text().ifPresent(this::verifyText);
    manifest.prior().ifPresent(this::verifyPrior);
    manifest.photograph().ifPresent(this::verifyPhotograph);
    manifest.density().ifPresent(d -> within("density.extent", d.extent(), 1e-3, 1e3));
    for (Section section : Section.values()) {
      section
          .sizes(manifest)
          .forEach((name, size) -> within(section.key() + "." + name, size, 1, 1 << 16));
    }
  }

  private void verifyPrior(PackManifest.Prior prior) {
    within("prior.channels", prior.channels(), 1, 4096);
    within("prior.size", prior.size(), 1, MAX_IMAGE_SIZE);
    within("prior.steps", prior.steps(), 1, 1 << 20);
    List<Double> range = prior.range().orElse(List.of(0.0, 1.0));
    require(
        range.size() == 2 && range.get(0) < range.get(1),
        "prior.range must be the lowest and the highest value of a clean sample, not %s",
        range);
  }

  private void verifyText(PackManifest.Text text) {
    within("text.tokens", text.tokens(), 1, 4096);
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

  private void verifyPhotograph(PackManifest.Photograph photograph) {
    within("photograph.window", photograph.window(), 8, MAX_IMAGE_SIZE);
    within("photograph.first_look", photograph.firstLook(), 0.1, 10);
    int looks = photograph.furtherLooks().size();
    require(
        1 <= looks && looks <= MAX_LOOKS,
        "photograph.further_looks has %d numbers; 1 to %d are accepted",
        looks,
        MAX_LOOKS);
    photograph.furtherLooks().forEach(side -> within("photograph.further_looks", side, 0.1, 10));
    within("photograph.least_confidence", photograph.leastConfidence(), 0, 1);
    within("photograph.most_spread", photograph.mostSpread(), 1e-3, 1e3);
    require(
        photograph.backdrop().size() == 3
            && photograph.backdrop().stream().allMatch(value -> 0 <= value && value <= 255),
        "photograph.backdrop must be red, green and blue from 0 to 255, not %s",
        photograph.backdrop());
  }

  private void verifyDefaults() {
    PackDefaults defaults = manifest.defaults();
    within("defaults.warmup", defaults.warmup(), 0, 1);
    within("defaults.cooldown", defaults.cooldown(), 0, 1);
    verifyDistillation("defaults", defaults.editing());
    for (Request.Kind kind : Request.Kind.values()) {
      within("defaults.steps", defaults.steps(), kind, 1, MAX_STEPS);
      within("defaults.learning_rate", defaults.learningRate(), kind, 1e-9, 1e3);
      of("defaults.weights", defaults.weights(), kind)
          .forEach(
              (guidance, weight) ->
                  within(
                      "defaults.weights." + KindKeys.key(kind) + "." + guidance.key(),
                      weight,
                      0,
                      MAX_WEIGHT));
    }
    defaults.layers().forEach(this::verifyLayers);
    defaults.mask().ifPresent(this::verifyMask);
    defaults.balance().ifPresent(this::verifyBalance);
    defaults.creation().ifPresent(this::verifyCreation);
    defaults.holdingBack().ifPresent(this::verifyHoldingBack);
  }

  private void verifyBalance(PackDefaults.Balance balance) {
    within("defaults.balance.answer", balance.answer(), 1e-6, 1e3);
    within("defaults.balance.power", balance.power(), -4, 4);
    within("defaults.balance.most", balance.most(), 1, 1e3);
    require(
        manifest.defaults().mask().isPresent(),
        "there is defaults.balance but no defaults.mask, whose predictions it measures");
  }

  private void verifyHoldingBack(PackDefaults.HoldingBack holdingBack) {
    within("defaults.holding_back.own", holdingBack.own(), 1e-9, 1e9);
    within("defaults.holding_back.foreign", holdingBack.foreign(), 1e-9, 1e9);
    require(
        holdingBack.own() < holdingBack.foreign(),
        "defaults.holding_back.own is not below defaults.holding_back.foreign");
    within("defaults.holding_back.pull", holdingBack.pull(), 0, MAX_WEIGHT);
    verifyLayers("defaults.holding_back.layers", holdingBack.layers());
    require(
        has(Network.ENCODER) && has(Network.PERCEPTUAL),
        "there is defaults.holding_back but no network encoder or perceptual, by which foreign"
            + " photos are told");
  }

  private void verifyCreation(PackDefaults.Creation creation) {
    within("defaults.creation.steps", creation.steps(), 1, MAX_STEPS);
    within("defaults.creation.learning_rate", creation.learningRate(), 1e-9, 1e3);
    verifyDistillation("defaults.creation", creation.scoring());
  }

  private void verifyDistillation(String key, PackDefaults.Distillation distillation) {
    within(key + ".guidance_scale", distillation.guidanceScale(), 0, 1e3);
    List<Double> range = distillation.timesteps();
    require(
        range.size() == 2 && 0 <= range.get(0) && range.get(0) <= range.get(1) && range.get(1) <= 1,
        "%s.timesteps must be two shares in [0, 1], the lower first, not %s",
        key,
        range);
  }

  private void verifyMask(PackDefaults.Mask mask) {
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

  private void verifyLayers(Request.Kind kind, List<Double> factors) {
    verifyLayers("defaults.layers." + KindKeys.key(kind), factors);
  }

  private void verifyLayers(String key, List<Double> factors) {
    int layers = manifest.latent().layers();
    require(
        factors.size() == layers,
        "%s has %d numbers; it must have one for each of the %d layers of W+ (latent.layers)",
        key,
        factors.size(),
        layers);
    for (int layer = 0; layer < layers; layer++) {
      within(key + "[" + layer + "]", factors.get(layer), 0, 1e3);
    }
    require(
        factors.stream().anyMatch(factor -> factor > 0),
        "%s is all 0, so that no request of this kind would move anything",
        key);
  }

  private void verifyNetworks() {
    for (Network network : Network.values()) {
      Network.Presence presence = network.presence();
      require(
          !presence.always() || has(network),
          "networks has no '%s', which every pack needs",
          network.key());
      if (has(network)) {
        presence
            .section()
            .ifPresent(
                section ->
                    require(
                        section.isIn(manifest),
                        "there is a network '%s' but no section '%s'",
                        network.key(),
                        section.key()));
        presence
            .network()
            .ifPresent(
                other ->
                    require(
                        has(other),
                        "there is a network '%s' but no network '%s', without which it is not run",
                        network.key(),
                        other.key()));
      }
    }
  }

  private boolean has(Network network) {
    return manifest.networks().containsKey(network);
  }

  private void verifyGuidance(String name, PackManifest.GuidanceEntry guidance) {
    require(
        PLAIN_NAME.matcher(name).matches(),
        "guidances: '%s' is no plain name; use 1 to 64 lower-case letters and digits in words that '-' or"
            + " '_' joins",
        name);
    require(isFree(name), "guidances: '%s' is the name of a guidance or network of Galatea", name);
    require(
        manifest.guidances().keySet().stream().filter(other -> same(name, other)).count() == 1,
        "guidances: '%s' is there twice, with '-' and with '_'",
        name);
    guidance
        .weights()
        .forEach(
            (kind, weight) ->
                within(
                    "guidances." + name + ".weights." + KindKeys.key(kind), weight, 0, MAX_WEIGHT));
  }

  private static boolean isFree(String name) {
    return Arrays.stream(GuidanceKind.values()).noneMatch(kind -> same(kind.key(), name))
        && Arrays.stream(Network.values()).noneMatch(network -> same(network.key(), name));
  }

  /** Scores in renders write every name with '-', so that the two spellings are one name. */
  private static boolean same(String name, String other) {
    return name.replace('_', '-').equals(other.replace('_', '-'));
  }

  private List<String> namedFiles() {
    List<String> names = new ArrayList<>(manifest.networkFiles().values());
    names.add(manifest.latent().mean());
    manifest.text().ifPresent(text -> names.add(text.tokenizer()));
    manifest.prior().ifPresent(prior -> names.add(prior.alphasCumprod()));
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
