package dev.galatea.engine.photograph;

import dev.galatea.engine.pack.FacePlace;
import dev.galatea.engine.pack.PhotographNetworks;
import dev.galatea.engine.pack.manifest.PackManifest;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Finds the pack's crop about a face by looking at it several times, each time through another
 * window about the crop that the last look found. A network that is shown no face finds one now
 * here and now there, so that what looks agree on is a head.
 */
final class Aligner {
  /** Side of the square from the eyes to the mouth, in sides of the crop. */
  private static final double FACE = 0.3;

  private final PhotographNetworks networks;
  private final PackManifest.Photograph settings;

  Aligner(PhotographNetworks networks) {
    this.networks = networks;
    this.settings = networks.manifest().photograph().orElseThrow();
  }

  /** The window of the first look at a box that the finder proposes. */
  Square windowAbout(Square box) {
    return box.scaled(settings.firstLook());
  }

  /** The head that is found from a first window on. */
  Head align(Photograph photograph, Square window) {
    Look look = look(photograph, window);
    List<Look> looks = new ArrayList<>();
    for (double share : settings.furtherLooks()) {
      look = look(photograph, look.crop().scaled(share));
      looks.add(look);
    }
    return agreed(looks);
  }

  /** Whether all looks were sure and agree, and the face is in the picture. */
  boolean isSure(Head head, Photograph photograph) {
    return head.crop().scaled(FACE).corners().stream().allMatch(photograph::contains)
        && head.confidence() >= settings.leastConfidence()
        && head.spread() <= settings.mostSpread();
  }

  private Look look(Photograph photograph, Square window) {
    if (!window.isFinite()) {
      return new Look(window, 0, 0, 0);
    }
    byte[] rgb = photograph.cut(window, settings.window());
    FacePlace place = networks.align(Pixels.planar(rgb));
    return new Look(window.inside(place), place.yaw(), place.pitch(), place.confidence());
  }

  private static Head agreed(List<Look> looks) {
    double x = mean(looks, look -> look.crop().x());
    double y = mean(looks, look -> look.crop().y());
    double logSide = mean(looks, Look::logSide);
    double roll = mean(looks, look -> look.crop().roll());
    double yaw = mean(looks, Look::yaw);
    double side = Math.exp(logSide);
    double spread = 0;
    double confidence = 1;
    for (Look look : looks) {
      double apart =
          Math.hypot(look.crop().x() - x, look.crop().y() - y) / side
              + Math.abs(look.logSide() - logSide)
              + Math.abs(look.crop().roll() - roll)
              + 0.5 * Math.abs(look.yaw() - yaw);
      spread = Math.max(spread, apart);
      confidence = Math.min(confidence, look.confidence());
    }
    double pitch = mean(looks, Look::pitch);
    return new Head(new Square(x, y, side, roll), yaw, pitch, confidence, spread);
  }

  private static double mean(List<Look> looks, ToDoubleFunction<Look> value) {
    return looks.stream().mapToDouble(value).average().orElseThrow();
  }

  /** What one look found, in the photograph's pixels. */
  private record Look(Square crop, double yaw, double pitch, double confidence) {
    double logSide() {
      return Math.log(crop.side());
    }
  }
}
