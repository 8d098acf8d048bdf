package dev.galatea.engine.pack;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.galatea.engine.guidance.GuidanceSpec;
import dev.galatea.engine.testing.PackCopy;
import dev.galatea.records.request.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The packs of random weights that tests run on, and damaged copies of them. */
public final class TestPacks {
  /** Every network of the contract, in float32. */
  public static final Path TINY = Path.of("src/engine/test/resources/packs/tiny");

  /** The same weights in float64, for reference. */
  public static final Path TINY64 = Path.of("src/engine/test/resources/packs/tiny64");

  private static final Path GREEDY_PRIOR =
      Path.of("src/engine/test/resources/packs/greedy/prior.pt");

  /** FaceDNeRF's architectures at a reduced size, as {@code models/export} writes them. */
  public static final Path REDUCED = Path.of("src/engine/test/resources/packs/reduced");

  /** Networks of pack-brought guidances; {@code colour.pt} is the sound one. */
  public static final Path COLOUR = Path.of("src/engine/test/resources/packs/colour");

  private static final Path LEADING = Path.of("src/engine/test/resources/packs/leading");

  private TestPacks() {}

  /** The tiny pack as it runs in production. */
  public static Pack tiny() {
    return Pack.load(TINY, Device.cpu());
  }

  /** The tiny pack in float64. */
  public static Pack reference() {
    return Pack.load(TINY64, Device.cpu(), DataType.FLOAT64);
  }

  /** A copy of the tiny pack that may be damaged. */
  public static Path copy(Path into) {
    return PackCopy.copy(TINY, into);
  }

  /** A copy of the tiny pack whose prior runs out of memory with more than four samples. */
  public static Path copyWithGreedyPrior(Path into) {
    copy(into);
    try {
      PackCopy.replace(into, "prior.pt", Files.readAllBytes(GREEDY_PRIOR));
      return into;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * A copy of the tiny pack with networks that say where prompts begin: a mapping of two numbers,
   * the first of which fills W+'s even columns and the second its odd ones, and a latent mapper
   * that adds the conditioning's sum to each row of W+.
   */
  public static Path copyThatLeads(Path into) {
    copy(into);
    PackCopy.edit(into, manifest -> manifest.putObject("mapping").put("width", 2));
    for (Network network : List.of(Network.MAPPING, Network.LATENT_MAPPER)) {
      PackCopy.addNetwork(into, network, LEADING.resolve(network.key() + ".pt"));
    }
    return into;
  }

  /**
   * A copy of the tiny pack that brings a guidance: the squared distance of the mean colours of two
   * pictures over a grid of 4 × 4 cells.
   */
  public static Path copyWithColour(
      Path into, GuidanceSpec.View view, Map<Request.Kind, Double> weights) {
    copy(into);
    PackCopy.addGuidance(into, "colour", COLOUR.resolve("colour.pt"), view, weights);
    return into;
  }

  /** A copy of the tiny pack that stays with a side view for so many steps. */
  public static Path copyThatStays(Path into, int sideSteps) {
    copy(into);
    PackCopy.edit(into, manifest -> manifest.withObject("/camera").put("side_steps", sideSteps));
    return into;
  }

  /** Lets a copy leave the region that a prompt changes out of what stays. */
  public static void addMask(Path directory, int draws, double timestep, double low, double high) {
    PackCopy.edit(
        directory,
        manifest ->
            manifest
                .withObject("/defaults")
                .putObject("mask")
                .put("draws", draws)
                .put("timestep", timestep)
                .put("low", low)
                .put("high", high));
  }

  /** Lets the weight of score distillation follow the prior's answer, in a copy with a mask. */
  public static void addBalance(ObjectNode manifest, double answer, double power, double most) {
    ObjectNode balance = manifest.withObject("/defaults").putObject("balance");
    balance.put("answer", answer).put("power", power).put("most", most);
  }

  /** Lets prompts make new identities in a way of their own: in 20 steps of CSD. */
  public static ObjectNode addCreation(ObjectNode manifest) {
    ObjectNode creation = manifest.withObject("/defaults").putObject("creation");
    creation.putArray("timesteps").add(0.3).add(0.9);
    creation.put("learning_rate", 0.03);
    return creation.put("steps", 20).put("guidance_scale", 4).put("distillation", "csd");
  }
}
