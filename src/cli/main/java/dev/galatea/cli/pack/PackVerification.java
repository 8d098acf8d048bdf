package dev.galatea.cli.pack;

import dev.galatea.cli.Interruption;
import dev.galatea.engine.guidance.GuidanceSpec;
import dev.galatea.engine.pack.NetworkContract;
import dev.galatea.engine.pack.Pack;
import dev.galatea.engine.pack.PackException;
import dev.galatea.engine.pack.PackFiles;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.engine.torch.DeviceException;
import dev.galatea.engine.verify.GuidanceVerifier;
import dev.galatea.engine.verify.NetworkVerifier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Verifies a pack, from the manifest to the guidances. What is wrong is reported, and verification
 * goes on as far as it can: nothing is loaded unless all files are right, and no guidance is run
 * unless all networks are right.
 *
 * @param directory the pack
 * @param device in the notation of {@link dev.galatea.engine.torch.DeviceName}
 * @param rows of the larger batch
 * @param tolerance most relative difference of a row in a batch to the same row alone
 * @param runs most runs of each measurement, of which the fastest counts
 * @param report told of everything
 */
record PackVerification(
    Path directory, String device, int rows, double tolerance, int runs, PackReport report) {

  /** Verifies; after the limit nothing further is begun. */
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
        files.flatMap(right -> attempt("loading", () -> Pack.openUnverified(right, device)));
    opened.ifPresent(
        pack -> {
          try (pack) {
            report.loaded(secondsSince(opening));
            verifyAll(pack, end);
          }
        });
  }

  private void verifyAll(Pack pack, long end) {
    verifyNetworks(pack, end);
    if (report.isGood()) {
      verifyGuidances(pack, end);
    }
  }

  private void verifyNetworks(Pack pack, long end) {
    NetworkVerifier verifier = new NetworkVerifier(pack, rows, tolerance, runs);
    report.networks();
    for (NetworkContract network : verifier.networks()) {
      String name = network.key();
      if (isInTime(name, end)) {
        attempt(name, () -> verifier.verify(network))
            .ifPresent(found -> report.network(pack.manifest(), network, found));
      }
    }
  }

  private void verifyGuidances(Pack pack, long end) {
    try (GuidanceVerifier verifier = new GuidanceVerifier(pack, rows, tolerance, runs)) {
      report.guidances();
      for (GuidanceSpec guidance : verifier.guidances()) {
        String name = guidance.label();
        if (isInTime(name, end)) {
          attempt(name, () -> verifier.verify(guidance))
              .ifPresent(found -> report.guidance(guidance, found));
        }
      }
    }
  }

  private boolean isInTime(String name, long end) {
    Interruption.check();
    boolean inTime = System.nanoTime() < end;
    if (!inTime) {
      report.wrong(name, "was not verified: the time was up; a higher --time-limit is needed");
    }
    return inTime;
  }

  private <T> Optional<T> attempt(String name, Supplier<T> work) {
    try {
      return Optional.of(work.get());
    } catch (PackException | DeviceException e) {
      e.getMessage().lines().forEach(line -> report.wrong(name, line));
      return Optional.empty();
    }
  }

  private static double secondsSince(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
