package dev.galatea.engine.photograph;

import dev.galatea.engine.pack.PhotographNetworks;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.engine.picture.WholePicture;
import dev.galatea.records.Camera;
import dev.galatea.records.HeadCrop;
import dev.galatea.records.Picture;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.Reject.Reason;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Takes photographs in as they are: finds the largest, most central face, aligns it to the pack's
 * crop, estimates the camera, and puts the head before the pack's backdrop.
 *
 * <p><b>Owned state:</b> a share of the pack's networks for it, on the CPU, and a finder of faces.
 * <b>Lifecycle:</b> opened and closed by whoever validates requests. <b>Threading:</b> any thread,
 * which does the work itself.
 */
public final class PhotoIntake implements AutoCloseable {
  /** Faces that lean more than the finder sees are looked for in the picture turned by this. */
  private static final double LEAN = Math.toRadians(25);

  private static final List<Double> LEANS = List.of(0.0, LEAN, -LEAN);

  /** Sides of the central squares that are looked at last, in shorter sides of the picture. */
  private static final List<Double> CENTRAL = List.of(1.0, 0.7);

  /** How far from the picture's middle such a head may be, in shorter sides of the picture. */
  private static final double OFF_CENTRE = 0.15;

  private final PhotographNetworks networks;
  private final FaceFinder finder;
  private final Aligner aligner;

  private PhotoIntake(PhotographNetworks networks) {
    this.networks = networks;
    this.finder = new FaceFinder();
    this.aligner = new Aligner(networks);
  }

  /**
   * What takes photographs in for a pack; empty where the pack has no network {@code align}.
   *
   * @throws dev.galatea.engine.pack.PackException if the pack's manifest or one of the networks
   *     cannot be used
   */
  public static Optional<PhotoIntake> open(Path pack) {
    Optional<PhotographNetworks> networks = PhotographNetworks.open(pack);
    try {
      return networks.map(PhotoIntake::new);
    } catch (RuntimeException e) {
      networks.ifPresent(PhotographNetworks::close);
      throw e;
    }
  }

  /**
   * The pack's crop of a photograph.
   *
   * @throws InvalidRequest NO_FACE, FACE_NOT_VISIBLE or FACE_TOO_SMALL
   */
  public AlignedFace take(WholePicture picture, FaceLimits limits) throws InvalidRequest {
    try (Photograph photograph = new Photograph(picture)) {
      Head head = head(photograph, limits.maxCandidates());
      double pixels = head.crop().side() * picture.step();
      if (pixels < limits.minPixels()) {
        throw new InvalidRequest(
            Reason.FACE_TOO_SMALL,
            "the head has %.0f pixels along a side: at least %d are needed; send a larger picture, or one from nearer"
                .formatted(pixels, limits.minPixels()));
      }
      return new AlignedFace(matted(photograph, head), camera(head), crop(head, picture.step()));
    }
  }

  /**
   * An aligned picture before the pack's backdrop; the same picture if it stands there already, and
   * if the pack has no network {@code matte}.
   *
   * @param aligned the pack's crop
   */
  public Picture cutOut(Picture aligned) {
    byte[] rgb = aligned.rgb().clone();
    Optional<float[]> cover = networks.matte(Pixels.planar(rgb));
    if (cover.isEmpty() || backdrop().isBehind(rgb, cover.get())) {
      return aligned;
    }
    backdrop().put(rgb, cover.get());
    return new Picture(aligned.size(), rgb);
  }

  private Head head(Photograph photograph, int maxCandidates) throws InvalidRequest {
    List<Head> proposed = new ArrayList<>();
    for (double lean : LEANS) {
      List<Square> windows =
          finder.find(photograph, lean).stream()
              .sorted(Comparator.comparingDouble(box -> -prominence(box, photograph)))
              .limit(maxCandidates)
              .map(aligner::windowAbout)
              .toList();
      Optional<Head> best = best(windows, photograph, proposed);
      if (best.isPresent()) {
        return best.get();
      }
    }
    List<Square> central = central(photograph).limit(maxCandidates).toList();
    return best(central, photograph, new ArrayList<>())
        .filter(head -> isCentral(head.crop(), photograph))
        .orElseThrow(() -> nobody(proposed));
  }

  /** The most prominent head of some windows, if any is sure; all heads join those looked at. */
  private Optional<Head> best(List<Square> windows, Photograph photograph, List<Head> lookedAt) {
    List<Head> heads = windows.stream().map(window -> aligner.align(photograph, window)).toList();
    lookedAt.addAll(heads);
    return heads.stream()
        .filter(head -> aligner.isSure(head, photograph))
        .max(Comparator.comparingDouble(head -> prominence(head.crop(), photograph)));
  }

  /** Where a face is in a picture that somebody cut out around it. */
  private static Stream<Square> central(Photograph photograph) {
    double x = photograph.width() / 2.0;
    double y = photograph.height() / 2.0;
    double shorter = Math.min(photograph.width(), photograph.height());
    return CENTRAL.stream().map(share -> new Square(x, y, share * shorter, 0));
  }

  /** Whether a head is where one is in a picture that was cut out around it, and not by chance. */
  private static boolean isCentral(Square crop, Photograph photograph) {
    double x = crop.x() - photograph.width() / 2.0;
    double y = crop.y() - photograph.height() / 2.0;
    return Math.hypot(x, y) <= OFF_CENTRE * Math.min(photograph.width(), photograph.height());
  }

  /** Size, less the farther from the middle. */
  private static double prominence(Square square, Photograph photograph) {
    double x = square.x() / photograph.width() - 0.5;
    double y = square.y() / photograph.height() - 0.5;
    return square.side() * (1 - Math.hypot(x, y));
  }

  private InvalidRequest nobody(List<Head> unsure) {
    PackManifest.Photograph needed = networks.manifest().photograph().orElseThrow();
    return unsure.stream()
        .max(Comparator.comparingDouble(Head::confidence))
        .map(
            head ->
                new InvalidRequest(
                    Reason.FACE_NOT_VISIBLE,
                    ("what looks most like a face is not seen well enough: confidence %.2f, at least"
                            + " %.2f is needed, and looks that lie %.2f apart, at most %.2f; send a"
                            + " picture of a whole face that is uncovered and looks towards the camera")
                        .formatted(
                            head.confidence(),
                            needed.leastConfidence(),
                            head.spread(),
                            needed.mostSpread())))
        .orElseGet(
            () ->
                new InvalidRequest(
                    Reason.NO_FACE,
                    "no face was found: send a picture of one that looks towards the camera, stands"
                        + " upright within 30 degrees and takes up a tenth of the longer side or more"));
  }

  private Camera camera(Head head) {
    PackManifest.Orbit orbit = networks.manifest().camera();
    return Camera.orbit(head.yaw(), head.pitch(), orbit.radius(), orbit.focal());
  }

  private static HeadCrop crop(Head head, int step) {
    List<HeadCrop.Point> corners =
        head.crop().corners().stream()
            .map(at -> new HeadCrop.Point((float) (step * at.x()), (float) (step * at.y())))
            .toList();
    return new HeadCrop(corners, (float) head.confidence());
  }

  private Picture matted(Photograph photograph, Head head) {
    int size = networks.manifest().imageSize();
    byte[] rgb = photograph.cut(head.crop(), size);
    networks.matte(Pixels.planar(rgb)).ifPresent(cover -> backdrop().put(rgb, cover));
    return new Picture(size, rgb);
  }

  private Backdrop backdrop() {
    return new Backdrop(networks.manifest().photograph().orElseThrow().backdrop());
  }

  @Override
  public void close() {
    finder.close();
    networks.close();
  }
}
