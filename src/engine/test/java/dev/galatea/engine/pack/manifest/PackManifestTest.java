package dev.galatea.engine.pack.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.galatea.engine.guidance.GuidanceKind;
import dev.galatea.engine.guidance.GuidanceSpec;
import dev.galatea.engine.guidance.PackGuidance;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.PackException;
import dev.galatea.engine.pack.ScoreDistillationForm;
import dev.galatea.engine.pack.TestPacks;
import dev.galatea.engine.testing.PackCopy;
import dev.galatea.records.request.Request.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackManifestTest {
  @TempDir private Path directory;

  @Test
  void aManifestIsRead() {
    PackManifest manifest = PackManifest.read(TestPacks.TINY);
    assertThat(manifest.id()).isEqualTo("tiny");
    assertThat(manifest.latent().count()).isEqualTo(64);
    assertThat(manifest.defaults().steps().get(Kind.PROMPT)).isEqualTo(16);
    assertThat(manifest.defaults().weights().get(Kind.LIGHT).get(GuidanceKind.ILLUMINATION))
        .isEqualTo(1);
    assertThat(manifest.prior().orElseThrow().prediction())
        .isEqualTo(PackManifest.Prediction.EPSILON);
    assertThat(Kind.values()).allMatch(manifest::supports);
  }

  @Test
  void theCheckpointsThatNetworksWereMadeOfAreTold() {
    assertThat(PackManifest.read(TestPacks.TINY).sources()).isEmpty();
    TestPacks.copy(directory);
    PackCopy.edit(directory, manifest -> addSource(manifest, "0".repeat(64)));
    PackManifest.SourceCheckpoint source = PackManifest.read(directory).sources().get(0);
    assertThat(source.file()).isEqualTo("generator.pkl");
    assertThat(source.networks()).containsExactly(Network.PLANES, Network.RENDER);
    assertRefused(
        manifest -> addSource(manifest, "0"),
        "sources: sha256 of generator.pkl is not 64 lower-case hexadecimal digits");
  }

  private static void addSource(ObjectNode manifest, String sha256) {
    ObjectNode source = manifest.putArray("sources").addObject();
    source.put("file", "generator.pkl").put("sha256", sha256).put("bytes", 3).put("licence", "MIT");
    source.putArray("networks").add("planes").add("render");
  }

  @Test
  void aPackWithoutANetworkDoesNotSupportItsKind() {
    TestPacks.copy(directory);
    PackCopy.edit(directory, manifest -> networks(manifest).remove("prior"));
    PackManifest manifest = PackManifest.read(directory);
    assertThat(manifest.supports(Kind.PROMPT)).isFalse();
    assertThat(manifest.supports(Kind.IMAGE)).isTrue();
    assertThat(manifest.supports(Kind.LIGHT)).isTrue();
  }

  @Test
  void howPhotographsAreTakenInIsRead() {
    PackManifest manifest = PackManifest.read(Path.of("models/maquette"));
    PackManifest.Photograph photograph = manifest.photograph().orElseThrow();
    assertThat(photograph.window()).isEqualTo(112);
    assertThat(photograph.furtherLooks()).containsExactly(1.25, 1.0, 1.5);
    assertThat(photograph.backdrop()).containsExactly(198, 192, 184);
    assertThat(PackManifest.read(TestPacks.TINY).photograph()).isEmpty();
  }

  @Test
  void howPhotographsAreTakenInMustBeSound() {
    TestPacks.copy(directory);
    assertRefused(
        manifest -> addPhotograph(manifest).put("window", 4),
        "photograph.window is 4; it must be from 8 to 4096");
    assertRefused(
        manifest -> addPhotograph(manifest).put("first_look", 0),
        "photograph.first_look is 0; it must be from 0.1 to 10");
    assertRefused(
        manifest -> addPhotograph(manifest).putArray("further_looks"),
        "photograph.further_looks has 0 numbers; 1 to 16 are accepted");
    assertRefused(
        manifest -> addPhotograph(manifest).put("least_confidence", 1.5),
        "photograph.least_confidence is 1.5; it must be from 0 to 1");
    assertRefused(
        manifest -> addPhotograph(manifest).putArray("backdrop").add(1).add(2),
        "photograph.backdrop must be red, green and blue from 0 to 255, not [1, 2]");
    assertRefused(
        manifest -> networks(manifest).put("align", "pose.pt"),
        "there is a network 'align' but no section 'photograph'");
    assertRefused(
        manifest -> networks(manifest).put("matte", "pose.pt"),
        "there is a network 'matte' but no network 'align', without which it is not run");
  }

  private static ObjectNode addPhotograph(ObjectNode manifest) {
    ObjectNode photograph = manifest.putObject("photograph").put("window", 16);
    photograph.put("first_look", 1.8).put("least_confidence", 0.9).put("most_spread", 0.3);
    photograph.putArray("further_looks").add(1.0);
    photograph.putArray("backdrop").add(1).add(2).add(3);
    return photograph;
  }

  @Test
  void aDirectoryWithoutAManifestIsNoPack() {
    assertThatThrownBy(() -> PackManifest.read(directory))
        .isInstanceOf(PackException.class)
        .hasMessageContaining("does not exist; a pack is a directory with a pack.json");
  }

  @Test
  void aCutManifestNamesLineAndColumn() throws Exception {
    TestPacks.copy(directory);
    Path file = directory.resolve("pack.json");
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, java.util.Arrays.copyOf(whole, whole.length / 2));
    assertThatThrownBy(() -> PackManifest.read(directory))
        .isInstanceOf(PackException.class)
        .hasMessageContaining("line")
        .hasMessageContaining("pack.json");
  }

  @Test
  void anotherFormatIsToldBeforeItsKeysAre() {
    assertRefused(
        manifest -> manifest.put("format", 2).put("novelty", 1),
        "format 2 is unknown; this release reads format 1");
    assertRefused(manifest -> manifest.remove("format"), "format (missing) is unknown");
  }

  @Test
  void anUnknownKeyIsNamed() {
    assertRefused(manifest -> manifest.put("novelty", 1), "novelty");
    assertRefused(manifest -> ((ObjectNode) manifest.path("latent")).put("depth", 1), "depth");
    assertRefused(manifest -> networks(manifest).put("eyes", "eyes.pt"), "eyes");
    assertRefused(
        manifest -> ((ObjectNode) manifest.path("defaults").path("steps")).put("video", 1),
        "the kinds of request are image, prompt and light");
  }

  @Test
  void aMissingKeyIsNamed() {
    assertRefused(manifest -> manifest.remove("image_size"), "image_size");
    assertRefused(manifest -> ((ObjectNode) manifest.path("latent")).remove("width"), "width");
    assertRefused(
        manifest -> ((ObjectNode) manifest.path("defaults").path("steps")).remove("light"),
        "defaults.steps has no 'light'");
    assertRefused(manifest -> networks(manifest).remove("render"), "networks has no 'render'");
    assertRefused(manifest -> manifest.remove("prior"), "no section 'prior'");
    assertRefused(manifest -> manifest.remove("text"), "no section 'text'");
  }

  @Test
  void aWeightThatIsMissingIsZero() {
    TestPacks.copy(directory);
    PackCopy.edit(directory, manifest -> weights(manifest).remove("pull"));
    PackManifest manifest = PackManifest.read(directory);
    assertThat(GuidanceKind.LATENT_ANCHOR.weight(manifest, Kind.IMAGE)).isZero();
    assertThat(GuidanceKind.LATENT_ANCHOR.weight(manifest, Kind.PROMPT)).isPositive();
    assertRefused(other -> weights(other).put("reconstuction", 1), "reconstuction");
  }

  @Test
  void aPackMayBringGuidances() {
    assertThat(PackManifest.read(TestPacks.TINY).allGuidances())
        .containsExactly(GuidanceKind.values());
    TestPacks.copyWithColour(directory, GuidanceSpec.View.SIDE, Map.of(Kind.PROMPT, 0.5));
    PackManifest manifest = PackManifest.read(directory);
    assertThat(manifest.allGuidances())
        .endsWith(new PackGuidance("colour", GuidanceSpec.View.SIDE, Map.of(Kind.PROMPT, 0.5)))
        .allMatch(manifest::supports);
  }

  @Test
  void wrongGuidancesAreTold() {
    for (String name : List.of("Colour", "colour grid", "2d", "-colour", "colour--grid", "")) {
      assertGuidanceRefused(name, "guidances: '" + name + "' is no plain name");
    }
    for (String name : List.of("pull", "score-distillation", "score_distillation", "render")) {
      assertGuidanceRefused(
          name, "guidances: '" + name + "' is the name of a guidance or network of Galatea");
    }
    assertRefused(
        manifest -> {
          guidance(manifest, "a-b");
          guidance(manifest, "a_b");
        },
        "is there twice, with '-' and with '_'");
    assertRefused(manifest -> guidance(manifest, "colour").put("view", "top"), "\"top\"");
    assertRefused(manifest -> guidance(manifest, "colour").remove("view"), "view");
    assertRefused(manifest -> guidance(manifest, "colour").remove("network"), "network");
    assertRefused(manifest -> guidance(manifest, "colour").put("weight", 1), "weight");
    assertRefused(
        manifest -> guidance(manifest, "colour").putObject("weights").put("light", -1),
        "guidances.colour.weights.light is -1; it must be from 0 to 1000000");
    assertRefused(
        manifest -> guidance(manifest, "colour").put("network", "other.pt"),
        "other.pt is named but not listed under files");
  }

  private void assertGuidanceRefused(String name, String message) {
    assertRefused(manifest -> guidance(manifest, name), message);
  }

  private static ObjectNode guidance(ObjectNode manifest, String name) {
    ObjectNode guidances = manifest.withObject("/guidances");
    return guidances.putObject(name).put("network", "pose.pt").put("view", "source");
  }

  @Test
  void whatSaysWherePromptsBeginNeedsItsInput() throws Exception {
    TestPacks.copyThatLeads(directory);
    assertThat(PackManifest.read(directory).mapping().orElseThrow().width()).isEqualTo(2);
    PackCopy.edit(directory, manifest -> networks(manifest).remove("text"));
    assertThatThrownBy(() -> PackManifest.read(directory))
        .hasMessageContaining("a network 'latent_mapper' but no network 'text'");
    PackCopy.edit(directory, manifest -> manifest.remove("mapping"));
    assertThatThrownBy(() -> PackManifest.read(directory))
        .hasMessageContaining("a network 'mapping' but no section 'mapping'");
  }

  @Test
  void whatAPackUnderstandsIsToldWhollyOrNotAtAll() {
    assertThat(PackManifest.read(TestPacks.TINY).text().orElseThrow().understands()).isEmpty();
    assertRefused(
        manifest -> manifest.withObject("/text").withArray("neutral").add("a"),
        "one of 'neutral' and 'understands'");
    assertRefused(
        manifest -> {
          manifest.withObject("/text").withArray("neutral").add("a");
          manifest.withObject("/text").withArray("understands").add("beard".repeat(11));
        },
        "at most 100 phrases of 1 to 50 characters");
  }

  @Test
  void aNumberOutOfRangeIsToldWithItsRange() {
    assertRefused(
        manifest -> manifest.put("image_size", 0), "image_size is 0; it must be from 8 to 4096");
    assertRefused(manifest -> weights(manifest).put("pull", -1), "weights.image.pull is -1");
    assertRefused(
        manifest -> ((ObjectNode) manifest.path("camera")).put("side_steps", 0),
        "camera.side_steps is 0; it must be from 1 to 65536");
    assertRefused(
        manifest ->
            ((ObjectNode) manifest.path("defaults")).putArray("timesteps").add(0.9).add(0.1),
        "defaults.timesteps must be two shares in [0, 1], the lower first");
    assertRefused(manifest -> manifest.put("image_size", 32.5), "32.5");
  }

  @Test
  void oneLearningRateHoldsForEveryKind() {
    assertThat(PackManifest.read(TestPacks.TINY).defaults().learningRate())
        .containsOnlyKeys(Kind.values())
        .containsValue(0.05);
  }

  @Test
  void learningRatesAndFactorsOfLayersAreReadByKind() {
    TestPacks.copy(directory);
    PackCopy.edit(
        directory,
        manifest -> {
          defaults(manifest)
              .putObject("learning_rate")
              .put("image", 0.1)
              .put("prompt", 1)
              .put("light", 0.3);
          layers(manifest, "light", 0, 0, 0.5, 1);
        });
    PackDefaults defaults = PackManifest.read(directory).defaults();
    assertThat(defaults.learningRate())
        .isEqualTo(Map.of(Kind.IMAGE, 0.1, Kind.PROMPT, 1.0, Kind.LIGHT, 0.3));
    assertThat(defaults.layers()).isEqualTo(Map.of(Kind.LIGHT, List.of(0.0, 0.0, 0.5, 1.0)));
  }

  @Test
  void wrongLearningRatesAreTold() {
    assertRefused(
        manifest -> defaults(manifest).putObject("learning_rate").put("image", 1).put("prompt", 1),
        "defaults.learning_rate has no 'light'");
    assertRefused(
        manifest -> defaults(manifest).put("learning_rate", 0),
        "defaults.learning_rate.image is 0");
    assertRefused(
        manifest -> defaults(manifest).put("learning_rate", "fast"),
        "learning_rate must be a number, or a number for each kind of request");
  }

  @Test
  void wrongFactorsOfLayersAreTold() {
    assertRefused(
        manifest -> layers(manifest, "prompt", 1, 1),
        "defaults.layers.prompt has 2 numbers; it must have one for each of the 4 layers of W+");
    assertRefused(
        manifest -> layers(manifest, "prompt", 1, -1, 1, 1),
        "defaults.layers.prompt[1] is -1; it must be from 0 to 1000");
    assertRefused(
        manifest -> layers(manifest, "light", 0, 0, 0, 0), "defaults.layers.light is all 0");
    assertRefused(
        manifest -> layers(manifest, "video", 1, 1, 1, 1),
        "the kinds of request are image, prompt and light");
  }

  @Test
  void aMaskIsOptionalAndItsNumbersAreChecked() {
    assertThat(PackManifest.read(TestPacks.TINY).defaults().mask()).isEmpty();
    TestPacks.copy(directory);
    PackCopy.edit(directory, manifest -> mask(manifest, 8, 0.5, 0.2, 0.6));
    assertThat(PackManifest.read(directory).defaults().mask())
        .contains(new PackDefaults.Mask(8, 0.5, 0.2, 0.6));
    assertRefused(manifest -> mask(manifest, 0, 0.5, 0.2, 0.6), "defaults.mask.draws is 0");
    assertRefused(
        manifest -> mask(manifest, 8, 1.5, 0.2, 0.6),
        "defaults.mask.timestep is 1.5; it must be from 0 to 1");
    assertRefused(
        manifest -> mask(manifest, 8, 0.5, 0.6, 0.6),
        "defaults.mask.low is 0.6; it must be below defaults.mask.high, 0.6");
  }

  @Test
  void theWeightOfAPromptMayFollowThePriorsAnswer() {
    assertThat(PackManifest.read(TestPacks.TINY).defaults().balance()).isEmpty();
    TestPacks.addMask(TestPacks.copy(directory), 8, 0.5, 0.2, 0.6);
    PackCopy.edit(directory, manifest -> TestPacks.addBalance(manifest, 0.1, 1, 5));
    PackDefaults.Balance balance = PackManifest.read(directory).defaults().balance().orElseThrow();
    assertThat(balance.factor(0.1)).isEqualTo(1);
    assertThat(balance.factor(0.05)).isEqualTo(2);
    assertThat(balance.factor(0.2)).isEqualTo(0.5);
    assertThat(new PackDefaults.Balance(0.1, 2, 5).factor(0.05)).isEqualTo(4);
    assertThat(balance.factor(0)).isEqualTo(5);
    assertThat(balance.factor(1e6)).isEqualTo(0.2);
    PackDefaults.Balance growing = new PackDefaults.Balance(0.1, -1, 5);
    assertThat(growing.factor(0.2)).isEqualTo(2);
    assertThat(growing.factor(0)).isEqualTo(0.2);
    assertRefused(
        manifest -> TestPacks.addBalance(manifest, 0.1, 1, 5),
        "there is defaults.balance but no defaults.mask, whose predictions it measures");
    assertRefused(
        manifest -> TestPacks.addBalance(manifest, 0, 1, 5), "defaults.balance.answer is 0");
    assertRefused(
        manifest -> TestPacks.addBalance(manifest, 0.1, -5, 5),
        "power is -5; it must be from -4 to 4");
    assertRefused(
        manifest -> TestPacks.addBalance(manifest, 0.1, 1, 0.5), "defaults.balance.most is 0.5");
  }

  @Test
  void aPackMayHoldBackOnForeignPhotos() {
    assertThat(PackManifest.read(TestPacks.TINY).defaults().holdingBack()).isEmpty();
    TestPacks.copy(directory);
    PackCopy.edit(directory, manifest -> holdBack(manifest, 0.01, 1, 1, 0, 0, 0.5));
    PackDefaults.HoldingBack holdingBack =
        PackManifest.read(directory).defaults().holdingBack().orElseThrow();
    assertThat(holdingBack.foreignness(0)).isEqualTo(0);
    assertThat(holdingBack.foreignness(0.01)).isEqualTo(0);
    assertThat(holdingBack.foreignness(0.1)).isCloseTo(0.5, within(1e-12));
    assertThat(holdingBack.foreignness(1)).isEqualTo(1);
    assertThat(holdingBack.foreignness(50)).isEqualTo(1);
    assertThat(holdingBack.foreignness(Double.NaN)).isEqualTo(1);
    assertRefused(
        manifest -> holdBack(manifest, 1, 1, 1, 0, 0, 0),
        "defaults.holding_back.own is not below defaults.holding_back.foreign");
    assertRefused(
        manifest -> holdBack(manifest, 0.1, 1, 1, 0, 0),
        "defaults.holding_back.layers has 3 numbers; it must have one for each of the 4 layers");
    assertRefused(
        manifest -> {
          holdBack(manifest, 0.1, 1, 1, 0, 0, 0);
          ((ObjectNode) manifest.path("networks")).remove("encoder");
        },
        "there is defaults.holding_back but no network encoder or perceptual");
  }

  private static void holdBack(ObjectNode manifest, double own, double foreign, double... layers) {
    ObjectNode holdingBack = manifest.withObject("/defaults").putObject("holding_back");
    holdingBack.put("own", own).put("foreign", foreign).put("pull", 0.1);
    ArrayNode factors = holdingBack.putArray("layers");
    for (double factor : layers) {
      factors.add(factor);
    }
  }

  @Test
  void aFormOfScoreDistillationIsReadByItsPublishedName() {
    assertThat(PackManifest.read(TestPacks.TINY).defaults().distillation())
        .isEqualTo(ScoreDistillationForm.SDS);
    TestPacks.copy(directory);
    PackCopy.edit(directory, manifest -> defaults(manifest).put("distillation", "dds"));
    assertThat(PackManifest.read(directory).defaults().distillation())
        .isEqualTo(ScoreDistillationForm.DDS);
    assertRefused(
        manifest -> defaults(manifest).put("distillation", "vsd"),
        "from String \"vsd\": not one of the values accepted");
  }

  @Test
  void aNewIdentityIsMadeAsAnEditUnlessTheManifestSaysHow() {
    PackDefaults plain = PackManifest.read(TestPacks.TINY).defaults();
    assertThat(plain.creating().scoring()).isEqualTo(plain.editing());
    assertThat(plain.creating().steps()).isEqualTo(plain.steps().get(Kind.PROMPT));
    TestPacks.copy(directory);
    PackCopy.edit(directory, TestPacks::addCreation);
    PackDefaults defaults = PackManifest.read(directory).defaults();
    assertThat(defaults.creating().steps()).isEqualTo(20);
    assertThat(defaults.creating().learningRate()).isEqualTo(0.03);
    assertThat(defaults.creating().scoring())
        .isEqualTo(new PackDefaults.Distillation(ScoreDistillationForm.CSD, 4, List.of(0.3, 0.9)));
    assertThat(defaults.editing()).isEqualTo(plain.editing());
    assertRefused(
        manifest -> TestPacks.addCreation(manifest).put("steps", 0),
        "defaults.creation.steps is 0; it must be from 1 to 1000000");
    assertRefused(
        manifest -> TestPacks.addCreation(manifest).put("learning_rate", 0),
        "defaults.creation.learning_rate is 0");
    assertRefused(
        manifest -> TestPacks.addCreation(manifest).put("guidance_scale", -1),
        "defaults.creation.guidance_scale is -1; it must be from 0 to 1000");
    assertRefused(
        manifest -> TestPacks.addCreation(manifest).putArray("timesteps").add(0.8).add(0.1),
        "defaults.creation.timesteps must be two shares in [0, 1], the lower first, not [0.8, 0.1]");
    assertRefused(
        manifest -> TestPacks.addCreation(manifest).remove("distillation"), "distillation");
  }

  @Test
  void aPathOutOfThePackIsRefused() {
    for (String name : new String[] {"../planes.pt", "/etc/hostname", "a/b.pt", "..", ""}) {
      assertRefused(
          manifest -> {
            networks(manifest).put("planes", name);
            ObjectNode files = (ObjectNode) manifest.path("files");
            files.set(name, files.path("planes.pt"));
          },
          "is not a plain file name");
    }
  }

  @Test
  void aFileThatIsNamedButNotListedIsRefused() {
    assertRefused(
        manifest -> ((ObjectNode) manifest.path("files")).remove("tokenizer.json"),
        "tokenizer.json is named but not listed under files");
  }

  @Test
  void nullsAreRefusedAsMissing() {
    assertRefused(manifest -> manifest.putNull("latent"), "latent");
    assertRefused(manifest -> manifest.putNull("networks"), "networks");
    assertRefused(manifest -> networks(manifest).putNull("pose"), "pose");
    assertRefused(manifest -> ((ObjectNode) manifest.path("files")).putNull("pose.pt"), "pose.pt");
  }

  private void assertRefused(Consumer<ObjectNode> change, String message) {
    Path copy = TestPacks.copy(newDirectory());
    PackCopy.edit(copy, change);
    assertThatThrownBy(() -> PackManifest.read(copy))
        .isInstanceOf(PackException.class)
        .hasMessageContaining(message)
        .hasMessageContaining("pack.json");
  }

  private Path newDirectory() {
    try {
      return Files.createTempDirectory(directory, "pack");
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }

  private static ObjectNode networks(ObjectNode manifest) {
    return (ObjectNode) manifest.path("networks");
  }

  private static ObjectNode defaults(ObjectNode manifest) {
    return (ObjectNode) manifest.path("defaults");
  }

  private static void layers(ObjectNode manifest, String kind, double... factors) {
    ArrayNode row = defaults(manifest).withObject("layers").putArray(kind);
    for (double factor : factors) {
      row.add(factor);
    }
  }

  private static void mask(
      ObjectNode manifest, int draws, double timestep, double low, double high) {
    defaults(manifest)
        .putObject("mask")
        .put("draws", draws)
        .put("timestep", timestep)
        .put("low", low)
        .put("high", high);
  }

  private static ObjectNode weights(ObjectNode manifest) {
    return (ObjectNode) manifest.path("defaults").path("weights").path("image");
  }
}
