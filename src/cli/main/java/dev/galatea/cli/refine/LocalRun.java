package dev.galatea.cli.refine;

import dev.galatea.cli.Interruption;
import dev.galatea.cli.UserError;
import dev.galatea.cli.requests.RequestLine;
import dev.galatea.cli.terminal.PictureFolder;
import dev.galatea.cli.terminal.ProgressView;
import dev.galatea.engine.avatar.AvatarSnapshot;
import dev.galatea.engine.avatar.LocalRefinement;
import dev.galatea.flink.Galatea;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/**
 * Carries out request lines in this process: several identities at a time, the requests of each in
 * their order.
 *
 * <p><b>Owns</b> the queue of identities. <b>Threads:</b> each worker has a refiner of its own,
 * takes one identity after another and writes its pictures. The workers share the log and the
 * progress under this object's lock.
 */
final class LocalRun {
  private final Galatea galatea;
  private final AvatarFiles avatars;
  private final PictureFolder folder;
  private final OutcomeLog log;
  private final ProgressView progress;
  private final Queue<List<RequestLine>> identities = new ConcurrentLinkedQueue<>();
  private int completed;
  private int rejected;

  LocalRun(
      List<RequestLine> lines,
      Galatea galatea,
      AvatarFiles avatars,
      PictureFolder folder,
      OutcomeLog log,
      PrintStream out) {
    identities.addAll(
        lines.stream()
            .collect(
                Collectors.groupingBy(
                    RequestLine::identity, LinkedHashMap::new, Collectors.toList()))
            .values());
    this.galatea = galatea;
    this.avatars = avatars;
    this.folder = folder;
    this.log = log;
    this.progress = ProgressView.of(lines.size(), out);
  }

  /**
   * Carries out all lines. Call it once.
   *
   * @param threads most workers
   * @throws UserError if a file cannot be read or written, or Ctrl-C was pressed
   */
  void run(int threads) throws Exception {
    int workers = Math.min(threads, identities.size());
    Callable<Void> worker = this::work;
    ExecutorService pool = Executors.newFixedThreadPool(workers);
    try (progress) {
      for (Future<Void> done : pool.invokeAll(Collections.nCopies(workers, worker))) {
        done.get();
      }
      progress.say(
          "%d done, %d rejected. See %s in %s"
              .formatted(completed, rejected, OutcomeLog.FILE_NAME, folder.root()));
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } finally {
      pool.shutdown();
    }
  }

  private Void work() throws Exception {
    try (LocalRefinement refinement = galatea.openLocal()) {
      List<RequestLine> lines = identities.poll();
      while (lines != null) {
        refine(refinement, lines);
        lines = identities.poll();
      }
      return null;
    } finally {
      // After a failure the other workers finish the identity in hand and end.
      identities.clear();
    }
  }

  private void refine(LocalRefinement refinement, List<RequestLine> lines) throws Exception {
    AvatarSnapshot snapshot = avatars.read(lines.get(0).identity());
    for (RequestLine line : lines) {
      Interruption.check();
      long startNanos = System.nanoTime();
      LocalRefinement.Answer outcome =
          refinement.carryOut(request(line), snapshot, slice -> Interruption.check());
      AvatarSnapshot before = snapshot;
      snapshot =
          outcome.match(
              done -> completed(line, done, startNanos),
              refused -> rejected(line, refused.reject(), before, startNanos));
    }
  }

  private static Request request(RequestLine line) {
    try {
      return line.request();
    } catch (IOException e) {
      throw new UserError(line.place() + ": " + e.getMessage(), e);
    }
  }

  private List<String> write(LocalRefinement.Done done) {
    Render render = done.render();
    try {
      List<String> pictures = new ArrayList<>();
      for (Render.View view : render.views()) {
        pictures.add(folder.writeNumbered(render, pictures.size(), view));
      }
      folder.write(AvatarFiles.name(render.identity()), AvatarFiles.bytes(done.snapshot()));
      return pictures;
    } catch (IOException e) {
      throw new UserError("an avatar cannot be written: " + e.getMessage(), e);
    }
  }

  private AvatarSnapshot completed(RequestLine line, LocalRefinement.Done done, long startNanos)
      throws IOException {
    List<String> pictures = write(done);
    synchronized (this) {
      log.done(line, done.render(), secondsSince(startNanos));
      progress.completed(done.render(), line.label(), pictures.get(0));
      completed++;
    }
    return done.snapshot();
  }

  private synchronized AvatarSnapshot rejected(
      RequestLine line, Reject reject, AvatarSnapshot before, long startNanos) throws IOException {
    log.rejected(line, reject, secondsSince(startNanos));
    progress.rejected(line.identity(), line.label(), reject);
    rejected++;
    return before;
  }

  private static double secondsSince(long startNanos) {
    return (System.nanoTime() - startNanos) / 1e9;
  }
}
