package dev.galatea.engine.pack;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.engine.pack.manifest.PackManifest.Section;
import dev.galatea.records.Camera;
import dev.galatea.records.SphericalHarmonics;
import java.util.Optional;
import java.util.function.Function;

/**
 * The tensors that networks exchange. A constant says how the documentation writes the tensor, what
 * shape one row has under a manifest, and how verification makes a sample.
 */
public enum TensorKind {
  LATENT(
      "W+ `[B,L,D]`",
      manifest -> new Shape(manifest.latent().layers(), manifest.latent().width()),
      NetworkSamples::latents),
  PLANES(
      "tri-planes `[B,3,C,P,P]`",
      manifest -> {
        PackManifest.Planes planes = manifest.planes();
        return new Shape(3, planes.channels(), planes.size(), planes.size());
      },
      NetworkSamples::planes),
  CAMERA("camera `[B,25]`", manifest -> new Shape(Camera.COUNT), NetworkSamples::cameras),
  IMAGE("image `[B,3,S,S]`", TensorKind::image, NetworkSamples::images),
  /** The picture that a loss compares an {@link #IMAGE} with. */
  REFERENCE_IMAGE(
      "reference image `[B,3,S,S]`", TensorKind::image, NetworkSamples::referenceImages),
  /** The network alone knows how many features there are. */
  FEATURES("features `[B,F]`", manifest -> new Shape(TensorKind.ANY)),
  EMBEDDING(
      "unit vector `[B,E]`",
      Section.IDENTITY,
      manifest -> new Shape(manifest.identity().orElseThrow().width())),
  LIGHT("light `[B,9]`", manifest -> new Shape(SphericalHarmonics.COUNT)),
  TOKENS(
      "token ids `[B,T]` int64",
      Section.TEXT,
      manifest -> new Shape(manifest.text().orElseThrow().tokens()),
      NetworkSamples::tokens),
  CONDITIONING(
      "conditioning `[B,T,E]`",
      Section.TEXT,
      manifest -> {
        PackManifest.Text text = manifest.text().orElseThrow();
        return new Shape(text.tokens(), text.width());
      }),
  /** The space of the diffusion prior: of clean and of noised samples, and of the noise. */
  PRIOR_SPACE(
      "prior's space `[B,c,h,w]`",
      Section.PRIOR,
      manifest -> {
        PackManifest.Prior prior = manifest.prior().orElseThrow();
        return new Shape(prior.channels(), prior.size(), prior.size());
      }),
  TIMESTEP(
      "timestep `[B]` int64 in `[0, steps)`",
      Section.PRIOR,
      manifest -> new Shape(),
      NetworkSamples::timesteps),
  NORMAL_NUMBERS(
      "independent numbers of the normal distribution `[B,Z]`",
      Section.MAPPING,
      manifest -> new Shape(manifest.mapping().orElseThrow().width())),
  /** A square piece of a photograph, with a face somewhere in it. */
  FACE_WINDOW(
      "window `[B,3,A,A]`",
      Section.PHOTOGRAPH,
      manifest -> {
        int window = manifest.photograph().orElseThrow().window();
        return new Shape(3, window, window);
      },
      NetworkSamples::windows),
  FACE_PLACE("place of the face `[B,19]`", manifest -> new Shape(FacePlace.COUNT)),
  COVERAGE(
      "coverage `[B,1,S,S]` in `[0, 1]`",
      manifest -> new Shape(1, manifest.imageSize(), manifest.imageSize())),
  /** Points of the head's frame, as many as one likes. */
  POINTS(
      "points `[B,N,3]` within ± `extent`, world units",
      Section.DENSITY,
      manifest -> new Shape(TensorKind.ANY, 3),
      NetworkSamples::points),
  SOLID(
      "solidity, ½ at the surface, and sRGB `[B,N,4]`, all in `[0, 1]`",
      manifest -> new Shape(TensorKind.ANY, 4)),
  LOSS("loss `[B]`", manifest -> new Shape());

  /** Stands for a dimension that the manifest does not fix. */
  private static final long ANY = -1;

  private final String documentation;
  private final Optional<Section> section;
  private final Function<PackManifest, Shape> row;
  private final Optional<Function<NetworkSamples, NDArray>> sample;

  TensorKind(String documentation, Function<PackManifest, Shape> row) {
    this(documentation, Optional.empty(), row, Optional.empty());
  }

  TensorKind(
      String documentation,
      Function<PackManifest, Shape> row,
      Function<NetworkSamples, NDArray> sample) {
    this(documentation, Optional.empty(), row, Optional.of(sample));
  }

  TensorKind(String documentation, Section section, Function<PackManifest, Shape> row) {
    this(documentation, Optional.of(section), row, Optional.empty());
  }

  TensorKind(
      String documentation,
      Section section,
      Function<PackManifest, Shape> row,
      Function<NetworkSamples, NDArray> sample) {
    this(documentation, Optional.of(section), row, Optional.of(sample));
  }

  TensorKind(
      String documentation,
      Optional<Section> section,
      Function<PackManifest, Shape> row,
      Optional<Function<NetworkSamples, NDArray>> sample) {
    this.documentation = documentation;
    this.section = section;
    this.row = row;
    this.sample = sample;
  }

  private static Shape image(PackManifest manifest) {
    return new Shape(3, manifest.imageSize(), manifest.imageSize());
  }

  /** Name and shape in Markdown, as {@code docs/pack.md} writes them. */
  String documentation() {
    return documentation;
  }

  /** Whether the manifest fixes this tensor's shape: its section is there, if it has one. */
  boolean isDescribedBy(PackManifest manifest) {
    return section.stream().allMatch(needed -> needed.isIn(manifest));
  }

  /** The shape of one row. */
  Shape rowShape(PackManifest manifest) {
    return row.apply(manifest);
  }

  /** The shape of a batch; a dimension that the manifest does not fix is −1. */
  Shape shape(PackManifest manifest, long rows) {
    return new Shape(rows).addAll(rowShape(manifest));
  }

  /** Whether a batch has the shape that the manifest promises. */
  boolean matches(PackManifest manifest, long rows, Shape actual) {
    Shape promised = shape(manifest, rows);
    boolean same = actual.dimension() == promised.dimension();
    for (int i = 0; same && i < promised.dimension(); i++) {
      same = promised.get(i) == ANY || promised.get(i) == actual.get(i);
    }
    return same;
  }

  /** A batch to verify networks with: numbers of the normal distribution unless said otherwise. */
  NDArray sample(NetworkSamples samples) {
    return sample
        .map(make -> make.apply(samples))
        .orElseGet(() -> samples.gaussian(rowShape(samples.manifest())));
  }
}
