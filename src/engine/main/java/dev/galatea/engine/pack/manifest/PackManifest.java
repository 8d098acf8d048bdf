package dev.galatea.engine.pack.manifest;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.galatea.engine.guidance.GuidanceKind;
import dev.galatea.engine.guidance.GuidanceSpec;
import dev.galatea.engine.guidance.PackGuidance;
import dev.galatea.engine.pack.GuidanceNetwork;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.NetworkContract;
import dev.galatea.records.request.Request;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * {@code pack.json}: all that is specific to one model family. The contract is {@code
 * docs/pack.md}. A manifest that was read is consistent: every number is in its range and every
 * file that is named is listed in {@link #files}.
 *
 * @param format version of the contract
 * @param id name of the pack
 * @param version version of the pack
 * @param description what the pack draws
 * @param licence SPDX licence expression of the weights
 * @param imageSize pixels along a side of every image
 * @param latent shape and mean of W+
 * @param planes shape of the tri-planes
 * @param camera the orbit that views are taken from
 * @param text the prior's text conditioning, if the pack has one
 * @param prior the diffusion prior, if the pack has one
 * @param identity the identity embedding, if the pack has one
 * @param mapping the generator's mapping network, if the pack has one
 * @param photograph how photographs are taken in, if the pack can
 * @param density the network that meshes are made with, if the pack has one
 * @param defaults how requests are refined where no option says otherwise
 * @param networks file of each network
 * @param guidances the guidances that the pack brings itself, by name
 * @param files hash and size of every file
 * @param sources the checkpoints that the networks were made of; empty where the file does not say
 */
public record PackManifest(
    @JsonProperty(required = true) int format,
    @JsonProperty(required = true) String id,
    @JsonProperty(required = true) int version,
    @JsonProperty(required = true) String description,
    @JsonProperty(required = true) String licence,
    @JsonProperty(required = true) int imageSize,
    @JsonProperty(required = true) LatentShape latent,
    @JsonProperty(required = true) Planes planes,
    @JsonProperty(required = true) Orbit camera,
    Optional<Text> text,
    Optional<Prior> prior,
    Optional<IdentityShape> identity,
    Optional<Mapping> mapping,
    Optional<Photograph> photograph,
    Optional<Density> density,
    @JsonProperty(required = true) PackDefaults defaults,
    @JsonProperty(required = true) Map<Network, String> networks,
    Map<String, GuidanceEntry> guidances,
    @JsonProperty(required = true) Map<String, FileEntry> files,
    List<SourceCheckpoint> sources) {

  public PackManifest {
    guidances = guidances == null ? Map.of() : guidances;
    sources = sources == null ? List.of() : List.copyOf(sources);
  }

  /** The version of the contract that this release reads. */
  public static final int FORMAT = 1;

  /** The manifest's name in the pack's directory. */
  public static final String FILE_NAME = "pack.json";

  /**
   * Reads and checks a manifest. The files that it names are not touched.
   *
   * @param directory the pack
   * @throws dev.galatea.engine.pack.PackException if the manifest is missing, broken or not of this
   *     contract
   */
  public static PackManifest read(Path directory) {
    return ManifestReader.read(directory);
  }

  /** All guidances: first Galatea's, in their order, then the pack's own. */
  public List<GuidanceSpec> allGuidances() {
    List<GuidanceSpec> all = new ArrayList<>(List.of(GuidanceKind.values()));
    guidances.forEach(
        (name, entry) -> all.add(new PackGuidance(name, entry.view(), entry.weights())));
    return all;
  }

  /**
   * This manifest with some of its networks alone, and the files that these need: what a process
   * reads that runs no others.
   */
  public PackManifest only(Set<Network> some) {
    Map<Network, String> kept = new EnumMap<>(networks);
    kept.keySet().retainAll(some);
    Set<String> named = new HashSet<>(kept.values());
    named.add(latent.mean());
    Map<String, FileEntry> listed = new LinkedHashMap<>(files);
    listed.keySet().retainAll(named);
    return new PackManifest(
        format,
        id,
        version,
        description,
        licence,
        imageSize,
        latent,
        planes,
        camera,
        Optional.empty(),
        Optional.empty(),
        identity,
        mapping,
        photograph,
        density,
        defaults,
        kept,
        Map.of(),
        listed,
        List.of());
  }

  /** The file of every network; the networks of the pack's own guidances come last. */
  public Map<NetworkContract, String> networkFiles() {
    Map<NetworkContract, String> files = new LinkedHashMap<>(new TreeMap<>(networks));
    guidances.forEach((name, entry) -> files.put(new GuidanceNetwork(name), entry.network()));
    return files;
  }

  /** The file of a network that the pack has. */
  public FileEntry file(NetworkContract network) {
    return files.get(networkFiles().get(network));
  }

  /** Whether the pack has the networks that a request of the kind needs. */
  public boolean supports(Request.Kind kind) {
    return supports(GuidanceKind.of(kind));
  }

  /** Whether the pack has the networks that the guidance needs. */
  public boolean supports(GuidanceSpec guidance) {
    return networkFiles().keySet().containsAll(guidance.networks());
  }

  /** The optional sections that describe networks, with the sizes of tensors that they give. */
  public enum Section {
    TEXT(PackManifest::text, text -> Map.of("tokens", text.tokens(), "width", text.width())),
    PRIOR(PackManifest::prior, prior -> Map.of("channels", prior.channels(), "size", prior.size())),
    IDENTITY(PackManifest::identity, identity -> Map.of("width", identity.width())),
    MAPPING(PackManifest::mapping, mapping -> Map.of("width", mapping.width())),
    PHOTOGRAPH(PackManifest::photograph, photograph -> Map.of("window", photograph.window())),
    DENSITY(PackManifest::density, density -> Map.of());

    private final Function<PackManifest, Optional<Map<String, Integer>>> sizes;

    <T> Section(
        Function<PackManifest, Optional<T>> section, Function<T, Map<String, Integer>> sizes) {
      this.sizes = manifest -> section.apply(manifest).map(sizes);
    }

    /** The section's name in a manifest. */
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Whether a manifest has the section. */
    public boolean isIn(PackManifest manifest) {
      return sizes.apply(manifest).isPresent();
    }

    /** The section's sizes by their keys; none where a manifest lacks the section. */
    Map<String, Integer> sizes(PackManifest manifest) {
      return sizes.apply(manifest).orElse(Map.of());
    }
  }

  /** W+ {@code [layers, width]}; {@code mean} names a file of raw little-endian float32. */
  public record LatentShape(
      @JsonProperty(required = true) int layers,
      @JsonProperty(required = true) int width,
      @JsonProperty(required = true) String mean) {

    /** Floats of a W+. */
    public int count() {
      return layers * width;
    }
  }

  /** Tri-planes {@code [3, channels, size, size]}. */
  public record Planes(
      @JsonProperty(required = true) int channels, @JsonProperty(required = true) int size) {}

  /**
   * Where views are taken from.
   *
   * @param radius distance of the camera from the head's origin
   * @param focal focal length over image size
   * @param sideYaw side views are taken within ± this, in radians
   * @param sidePitch side views are taken within ± this, in radians
   * @param sideSteps steps that look from the same side view under score distillation in its delta
   *     form; 1 where it is not given
   */
  public record Orbit(
      @JsonProperty(required = true) double radius,
      @JsonProperty(required = true) double focal,
      @JsonProperty(required = true) double sideYaw,
      @JsonProperty(required = true) double sidePitch,
      Integer sideSteps) {

    public Orbit {
      sideSteps = sideSteps == null ? Integer.valueOf(1) : sideSteps;
    }
  }

  /**
   * Conditioning {@code [tokens, width]}.
   *
   * @param tokenizer file of the tokenizer
   * @param tokens token ids of every text
   * @param width numbers of a token's conditioning
   * @param empty the text of no condition
   * @param neutral words, known to the tokenizer, that say nothing about looks
   * @param understands what prompts may ask for, in words for people; empty where the pack does not
   *     say, and every prompt is accepted
   */
  public record Text(
      @JsonProperty(required = true) String tokenizer,
      @JsonProperty(required = true) int tokens,
      @JsonProperty(required = true) int width,
      @JsonProperty(required = true) String empty,
      List<String> neutral,
      List<String> understands) {

    public Text {
      neutral = neutral == null ? List.of() : List.copyOf(neutral);
      understands = understands == null ? List.of() : List.copyOf(understands);
    }
  }

  /**
   * The diffusion prior, on {@code [channels, size, size]}.
   *
   * @param prediction what the network's output stands for
   * @param steps timesteps of the training schedule
   * @param alphasCumprod file of ᾱ_t for every timestep, raw little-endian float32
   * @param range lowest and highest value of a clean sample, if there are bounds
   */
  public record Prior(
      @JsonProperty(required = true) int channels,
      @JsonProperty(required = true) int size,
      @JsonProperty(required = true) Prediction prediction,
      @JsonProperty(required = true) int steps,
      @JsonProperty(required = true) String alphasCumprod,
      Optional<List<Double>> range) {}

  /** What a prior predicts. */
  public enum Prediction {
    /** The noise (Ho et al., "Denoising Diffusion Probabilistic Models", 2020, eq. 14). */
    @JsonProperty("epsilon")
    EPSILON,
    /** The velocity √ᾱ ε − √(1−ᾱ) x₀ (Salimans and Ho, "Progressive Distillation", 2022). */
    @JsonProperty("v")
    V
  }

  /** A unit vector of {@code width} numbers. */
  public record IdentityShape(@JsonProperty(required = true) int width) {}

  /** The mapping network takes {@code width} independent numbers of the normal distribution. */
  public record Mapping(@JsonProperty(required = true) int width) {}

  /**
   * How the network {@code align} is shown a photograph, and when it is believed.
   *
   * @param window pixels along a side of what the network is shown
   * @param firstLook side of the first window, in sides of the box about the face that was found
   * @param furtherLooks sides of the windows after it, in sides of the crop that the last look
   *     found
   * @param leastConfidence what each of the further looks must be sure of, from 0 to 1
   * @param mostSpread how far further looks may lie apart: see {@code docs/pack.md}
   * @param backdrop sRGB colour, 0 to 255, of what the network {@code matte} takes off
   */
  public record Photograph(
      @JsonProperty(required = true) int window,
      @JsonProperty(required = true) double firstLook,
      @JsonProperty(required = true) List<Double> furtherLooks,
      @JsonProperty(required = true) double leastConfidence,
      @JsonProperty(required = true) double mostSpread,
      @JsonProperty(required = true) List<Integer> backdrop) {}

  /**
   * Where heads lie, for meshes.
   *
   * @param extent half the side of the cube about the origin that holds every head, world units
   */
  public record Density(@JsonProperty(required = true) double extent) {}

  /**
   * A guidance that the pack brings.
   *
   * @param network file of the network: a picture and a reference picture to the loss of each row
   * @param weights by the kind of the request in hand; a kind that is not there has weight 0
   * @param view the picture that the guidance looks at
   */
  public record GuidanceEntry(
      @JsonProperty(required = true) String network,
      Map<Request.Kind, Double> weights,
      @JsonProperty(required = true) GuidanceSpec.View view) {

    public GuidanceEntry {
      weights = weights == null ? Map.of() : weights;
    }
  }

  /** SHA-256 in lower-case hexadecimal, and size. */
  public record FileEntry(
      @JsonProperty(required = true) String sha256, @JsonProperty(required = true) long bytes) {}

  /**
   * A checkpoint that networks were made of.
   *
   * @param file its name where it was read
   * @param sha256 lower-case hexadecimal
   * @param bytes its size
   * @param licence SPDX expression that its weights are under
   * @param networks made of it
   */
  public record SourceCheckpoint(
      @JsonProperty(required = true) String file,
      @JsonProperty(required = true) String sha256,
      @JsonProperty(required = true) long bytes,
      @JsonProperty(required = true) String licence,
      @JsonProperty(required = true) List<Network> networks) {}
}
