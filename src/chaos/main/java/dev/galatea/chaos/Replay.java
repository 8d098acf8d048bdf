package dev.galatea.chaos;

import dev.galatea.engine.avatar.AvatarSnapshot;
import dev.galatea.engine.avatar.LocalRefinement;
import dev.galatea.flink.Galatea;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Render;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.ReadableConfig;

/** Carries the requests of quiet identities out again, undisturbed and without a stream. */
final class Replay {
  private Replay() {}

  /**
   * What came of it.
   *
   * @param compared renders of the job that were made again
   * @param differences those that came out otherwise, one by one
   */
  record Comparison(int compared, List<String> differences) {}

  /** Compares the pictures of the job with those of an undisturbed run. */
  static Comparison compare(
      ReadableConfig config, List<Sent> sent, Map<String, List<Render>> versions) throws Exception {
    Map<String, List<Sent>> byIdentity = new HashMap<>();
    for (Sent one : sent) {
      boolean isRequest =
          one.message().isPresent() && one.message().get() instanceof Request && !one.again();
      if (isRequest && one.identity().startsWith(Traffic.QUIET)) {
        byIdentity.computeIfAbsent(one.identity(), k -> new ArrayList<>()).add(one);
      }
    }
    List<String> differences = new ArrayList<>();
    int compared = 0;
    try (LocalRefinement local = Galatea.with(config).openLocal()) {
      for (Map.Entry<String, List<Sent>> identity : byIdentity.entrySet()) {
        Map<String, Render> rendered = new HashMap<>();
        versions
            .getOrDefault(identity.getKey(), List.of())
            .forEach(render -> rendered.put(render.requestId(), render));
        compared += rendered.size();
        differences.addAll(differences(local, identity.getValue(), rendered));
      }
    }
    return new Comparison(compared, differences);
  }

  private static List<String> differences(
      LocalRefinement local, List<Sent> requests, Map<String, Render> rendered) throws Exception {
    List<String> differences = new ArrayList<>();
    List<Sent> inOrder = new ArrayList<>(requests);
    Map<Sent, Long> offsets = new HashMap<>();
    for (Sent one : requests) {
      offsets.put(one, one.origin().offset());
    }
    inOrder.sort(Comparator.comparing(offsets::get));
    AvatarSnapshot snapshot = AvatarSnapshot.NONE;
    for (Sent one : inOrder) {
      Request request = (Request) one.message().orElseThrow();
      Render job = rendered.get(request.header().requestId());
      if (job == null) {
        continue; // its inbox was full
      }
      AvatarSnapshot before = snapshot;
      LocalRefinement.Answer answer = local.carryOut(request, before, preview -> {});
      snapshot = answer.match(LocalRefinement.Done::snapshot, notDone -> before);
      boolean same = answer.match(done -> areSame(done.render(), job), notDone -> false);
      if (!same) {
        differences.add(
            "%s/%s: version %d has other pictures in an undisturbed run"
                .formatted(job.identity(), job.requestId(), job.version()));
      }
    }
    return differences;
  }

  private static boolean areSame(Render one, Render other) {
    boolean same = one.version() == other.version() && one.views().size() == other.views().size();
    for (int i = 0; same && i < one.views().size(); i++) {
      same = Arrays.equals(one.views().get(i).image(), other.views().get(i).image());
    }
    return same;
  }
}
