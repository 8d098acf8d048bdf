package dev.galatea.engine.testing;

import dev.galatea.engine.latent.Avatar;
import dev.galatea.engine.latent.Draft;
import dev.galatea.engine.latent.Latent;
import dev.galatea.engine.refine.Intent;
import dev.galatea.engine.refine.LatentSpace;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.engine.refine.RefinerFactory;
import dev.galatea.records.Camera;
import dev.galatea.records.PackId;
import dev.galatea.records.Picture;
import dev.galatea.records.request.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * A refiner in closed form: every step draws the latent towards random numbers that are a function
 * of identity, version and step, as in DreamFusion's noise, and of the intent. So two runs agree on
 * a latent only if they did the same steps in the same order from the same start.
 *
 * <p>A prompt "diverge at N" makes the request diverge at its step N; a prompt "poison" makes every
 * slice throw that it is in.
 */
public final class ArithmeticRefiner implements Refiner {
  public static final int WIDTH = 6;
  public static final String CHECKSUM = "checksum";

  /** Text of a prompt that no slice survives. */
  public static final String POISON = "poison";

  private static final String DIVERGE = "diverge at ";

  private final int width;

  private ArithmeticRefiner(int width) {
    this.width = width;
  }

  /** A factory of such refiners, for latents of no pack; equal to every other. */
  public static RefinerFactory factory() {
    return new ArithmeticFactory();
  }

  /** A factory of such refiners for the latents of a pack. */
  public static RefinerFactory factory(LatentSpace space) {
    return new PackedFactory(space);
  }

  /**
   * Latents of {@link #WIDTH} numbers and pictures of 4 pixels along a side.
   *
   * @param version of the pack
   */
  public static LatentSpace space(int version) {
    return new LatentSpace(
        new PackId("arithmetic", version, "%064x".formatted(version)), 1, WIDTH, 4);
  }

  private record ArithmeticFactory() implements RefinerFactory {
    private static final long serialVersionUID = 1;

    @Override
    public Refiner open(String device, int maxBatch) {
      return new ArithmeticRefiner(WIDTH);
    }
  }

  private record PackedFactory(LatentSpace space) implements RefinerFactory {
    private static final long serialVersionUID = 1;

    @Override
    public Refiner open(String device, int maxBatch) {
      return new ArithmeticRefiner(space.layers() * space.width());
    }

    @Override
    public Optional<LatentSpace> latents() {
      return Optional.of(space);
    }
  }

  @Override
  public List<Outcome> refine(List<Row> rows, Duration limit) {
    return rows.stream().map(this::refine).toList();
  }

  @Override
  public List<Picture> look(Latent latent, List<Camera> cameras) {
    return Collections.nCopies(Math.max(1, cameras.size()), picture(latent.toArray()));
  }

  private Outcome refine(Row row) {
    if (text(row).equals(POISON)) {
      throw new IllegalStateException("a slice with a " + POISON + "ed request");
    }
    Draft draft = row.draft().orElseGet(() -> begin(row));
    float[] w = draft.latent().toArray();
    float[] m = draft.firstMoment().clone();
    int end = draft.step() + row.steps();
    int divergence = divergence(row);
    for (int step = draft.step(); step < end; step++) {
      if (step == divergence) {
        return new Diverged(step, "the latent is not finite");
      }
      step(row, step, w, m);
    }
    Draft reached = new Draft(end, Latent.copyOf(w), draft.start(), m, draft.secondMoment());
    List<Picture> views = Collections.nCopies(Math.max(1, row.views().size()), picture(w));
    return new Advanced(reached, false, Map.of(CHECKSUM, checksum(w)), views);
  }

  private Draft begin(Row row) {
    Latent start = row.avatar().map(Avatar::latent).orElse(Latent.wrap(new float[width]));
    return new Draft(0, start, start, new float[width], new float[width]);
  }

  private static void step(Row row, int step, float[] w, float[] m) {
    long seed = 31 * (31L * row.identity().hashCode() + row.version()) + step;
    SplittableRandom random = new SplittableRandom(seed + intent(row));
    for (int i = 0; i < w.length; i++) {
      m[i] = 0.9f * m[i] + 0.1f * (float) random.nextDouble(-1, 1);
      w[i] = 0.99f * w[i] + m[i];
    }
  }

  private static long intent(Row row) {
    return row.intent().prompt().map(prompt -> (long) prompt.text().hashCode()).orElse(0L)
        + row.intent().light().map(light -> (long) light.hashCode()).orElse(0L)
        + row.intent().source().map(s -> (long) Arrays.hashCode(s.picture().rgb())).orElse(0L);
  }

  private static int divergence(Row row) {
    String text = text(row);
    return text.startsWith(DIVERGE)
        ? Integer.parseInt(text.substring(DIVERGE.length()))
        : Integer.MAX_VALUE;
  }

  private static String text(Row row) {
    return row.intent().prompt().map(Intent.PromptText::text).orElse("");
  }

  public static float checksum(float[] w) {
    float sum = 0;
    for (int i = 0; i < w.length; i++) {
      sum += (i + 1) * w[i];
    }
    return sum;
  }

  private static Picture picture(float[] w) {
    byte[] rgb = new byte[3 * 4 * 4];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) Math.round(100 * w[i % w.length]);
    }
    return new Picture(4, rgb);
  }

  @Override
  public void close() {}

  /**
   * The checksums of one identity's finals where nothing interferes: its requests one after
   * another, each in a single slice.
   */
  public static List<Float> undisturbed(List<Request> requests) {
    ArithmeticRefiner refiner = new ArithmeticRefiner(WIDTH);
    List<Float> checksums = new ArrayList<>();
    Intent intent = Intent.NONE;
    Optional<Avatar> avatar = Optional.empty();
    for (Request request : requests) {
      int budget = request.header().terms().steps().orElseThrow();
      long version = checksums.size() + 1L;
      Intent asked = intent.with(request);
      Row row =
          new Row(
              request.header().identity(),
              version,
              request.kind(),
              asked,
              avatar,
              Optional.empty(),
              budget,
              budget);
      Optional<Draft> end =
          refiner
              .refine(row)
              .match(advanced -> Optional.of(advanced.draft()), diverged -> Optional.empty());
      if (end.isPresent()) {
        Latent latent = end.get().latent();
        intent = asked;
        avatar = Optional.of(new Avatar(version, latent));
        checksums.add(checksum(latent.toArray()));
      }
    }
    return checksums;
  }
}
