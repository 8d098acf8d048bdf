package dev.galatea.cli.pack;

import dev.galatea.cli.Interruption;
import dev.galatea.engine.guidance.GuidanceKind;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.PackException;
import dev.galatea.engine.pack.PackFiles;
import dev.galatea.engine.pack.PackManifest;
import dev.galatea.engine.verify.GuidanceVerifier;
import dev.galatea.engine.verify.NetworkVerifier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Verifies a pack, from the manifest to the guidances, and goes on after what is wrong as far as
 * that is possible: nothing is loaded unless all files are right, and no guidance tried unless all
 * networks are.
 *
 * @param directory the pack
 * @param device {@code cpu}, {@code gpu} or {@code gpu:1}
 * @param rows of the larger batch
 * @param tolerance most relative difference of a row in a batch to the same row alone
 * @param report told of everything
 */
record PackVerification(
    Path directory, String device, int rows, double tolerance, PackReport report) {

  /** Verifies; no trial is begun after the limit. */
  void run(Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    attempt("manifest", () -> PackManifest.read(directory)).ifPresent(m -> verify(m, end));
    report.conclude();
  }

  private void verify(PackManifest manifest, long end) {
    report.begin(manifest, device);
    long start = System.nanoTime();
    Optional<PackFiles> files = attempt("files", () -> PackFiles.verify(directory, manifest));
    files.ifPresent(right -> report.files(manifest, secondsSince(start)));
    long opening = System.nanoTime();
    Optional<Pack> opened =
        files.flatMap(right -> attempt("loading", () -> Pack.openUntried(right, device)));
    opened.ifPresent(
        pack -> {
          try (pack) {
            report.loaded(secondsSince(opening));
            tryAll(pack, end);
          }
        });
  }

  private void tryAll(Pack pack, long end) {
    tryNetworks(pack, end);
    if (report.isGood()) {
      tryGuidances(pack, end);
    }
  }

  private void tryNetworks(Pack pack, long end) {
    NetworkVerifier trials = new NetworkVerifier(pack, rows, tolerance);
    report.networks();
    for (Network network : trials.networks()) {
      String name = network.key();
      if (isInTime(name, end)) {
        attempt(name, () -> trials.of(network))
            .ifPresent(trial -> report.network(pack.manifest(), network, trial));
      }
    }
  }

  private void tryGuidances(Pack pack, long end) {
    try (GuidanceVerifier trials = new GuidanceVerifier(pack, rows, tolerance)) {
      report.guidances();
      for (GuidanceKind guide : trials.guidances()) {
        String name = guide.label();
        if (isInTime(name, end)) {
          attempt(name, () -> trials.of(guide)).ifPresent(pulled -> report.guidance(guide, pulled));
        }
      }
    }
  }

  private boolean isInTime(String name, long end) {
    Interruption.check();
    boolean inTime = System.nanoTime() < end;
    if (!inTime) {
      report.wrong(name, "was not tried: the time was up; a higher --time-limit is needed");
    }
    return inTime;
  }

  private <T> Optional<T> attempt(String name, Supplier<T> work) {
    try {
      return Optional.of(work.get());
    } catch (PackException e) {
      e.getMessage().lines().forEach(line -> report.wrong(name, line));
      return Optional.empty();
    }
  }

  private static double secondsSince(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
