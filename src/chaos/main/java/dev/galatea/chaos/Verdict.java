package dev.galatea.chaos;

import dev.galatea.kafka.TopicEvent;
import dev.galatea.records.Header;
import dev.galatea.records.request.Adopt;
import dev.galatea.records.request.Cancel;
import dev.galatea.records.request.Command;
import dev.galatea.records.request.Forget;
import dev.galatea.records.request.Look;
import dev.galatea.records.request.Message;
import dev.galatea.records.request.Revert;
import dev.galatea.records.result.Forgotten;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Holds what was heard against what was sent. Everything is told by the topics alone.
 *
 * <p>A request has one answer, a final render or a reject, however often its record was sent: but
 * for one whose repetition was read after its identity was forgotten, and is a new request. A
 * poisoned record has one reject, which names where it lies. Versions of an identity go up by one
 * from 1, and begin again only after a receipt that tells how far they came. What is published last
 * of an avatar is its last version, or nothing.
 */
final class Verdict {
  private final List<String> violations = new ArrayList<>();
  private final Map<String, Integer> answers = new TreeMap<>();
  private final Map<String, List<Render>> renders = new HashMap<>();
  private final Map<String, List<Reject>> rejects = new HashMap<>();
  private final Map<Header.Origin, List<Reject>> rejectsByOrigin = new HashMap<>();
  private final Map<String, List<Forgotten>> receipts = new HashMap<>();
  private final Map<String, LatestAvatar> latest = new HashMap<>();
  private final Map<String, List<Render>> versions = new LinkedHashMap<>();
  private final Set<String> seen = new HashSet<>();
  private final Set<String> repeated = new HashSet<>();
  private final Set<String> cancelled = new HashSet<>();
  private final Set<String> forgottenByAsking = new HashSet<>();
  private final List<String> waiting = new ArrayList<>();

  private Verdict() {}

  static Verdict of(List<Sent> sent, List<TopicEvent> heard) throws InterruptedException {
    Verdict verdict = new Verdict();
    heard.forEach(verdict::hear);
    sent.stream()
        .filter(Sent::again)
        .flatMap(one -> one.message().stream())
        .forEach(m -> verdict.repeated.add(key(m.header().identity(), m.header().requestId())));
    sent.stream().flatMap(one -> one.message().stream()).forEach(verdict::note);
    for (Sent one : sent) {
      verdict.judge(one);
    }
    verdict.versions.forEach(verdict::judgeVersions);
    return verdict;
  }

  /** What is not as it should be, told one by one. */
  List<String> violations() {
    return violations;
  }

  /** How many answers of each kind there are. */
  Map<String, Integer> answers() {
    return answers;
  }

  /** Sound records and poisoned ones that have no answer yet. */
  List<String> waiting() {
    return waiting;
  }

  /** The final renders of each identity, in their order. */
  Map<String, List<Render>> versions() {
    return versions;
  }

  /** Takes note of what may end a request. */
  private void note(Message message) {
    if (message instanceof Cancel cancel) {
      cancelled.add(key(cancel.header().identity(), cancel.target()));
    } else if (message instanceof Forget forget) {
      forgottenByAsking.add(forget.header().identity());
    }
  }

  private void hear(TopicEvent event) {
    if (event instanceof TopicEvent.Rendered rendered) {
      Render render = rendered.render();
      if (render.stage() == Render.Stage.FINAL) {
        renders
            .computeIfAbsent(key(render.identity(), render.requestId()), k -> new ArrayList<>())
            .add(render);
        versions.computeIfAbsent(render.identity(), k -> new ArrayList<>()).add(render);
      }
    } else if (event instanceof TopicEvent.Rejected rejected) {
      hear(rejected.reject());
    } else if (event instanceof TopicEvent.Forgotten forgotten) {
      receipts
          .computeIfAbsent(forgotten.receipt().identity(), k -> new ArrayList<>())
          .add(forgotten.receipt());
    } else if (event instanceof TopicEvent.Seen answer) {
      seen.add(key(answer.views().identity(), answer.views().requestId()));
    } else if (event instanceof TopicEvent.Updated updated) {
      latest.put(updated.latest().identity(), updated.latest());
    } else if (event instanceof TopicEvent.Unreadable unreadable) {
      violations.add("unreadable: " + unreadable.why().getMessage());
    }
  }

  private void hear(Reject reject) {
    if (reject.identity().isPresent() && reject.requestId().isPresent()) {
      rejects
          .computeIfAbsent(
              key(reject.identity().get(), reject.requestId().get()), k -> new ArrayList<>())
          .add(reject);
    }
    reject
        .origin()
        .ifPresent(
            origin ->
                rejectsByOrigin
                    .computeIfAbsent(origin.withoutHeaders(), k -> new ArrayList<>())
                    .add(reject));
  }

  private static String key(String identity, String requestId) {
    return identity + "/" + requestId;
  }

  private void judge(Sent sent) throws InterruptedException {
    if (sent.again()) {
      return; // judged with the first
    }
    if (sent.poison().isPresent()) {
      List<Reject> answers = rejectsByOrigin.getOrDefault(sent.origin(), List.of());
      expectOne(
          "poison of kind '%s' at %s".formatted(sent.poison().get(), sent.origin()),
          answers.size());
      answers.forEach(reject -> count("rejected as " + reject.reason()));
      return;
    }
    Message message = sent.message().orElseThrow();
    if (message instanceof Command command) {
      judgeCommand(command);
    } else {
      judgeRequest(sent, message);
    }
  }

  private void judgeRequest(Sent sent, Message request) throws InterruptedException {
    String key = key(request.header().identity(), request.header().requestId());
    List<Reject> refused = rejects.getOrDefault(key, List.of());
    int done = renders.getOrDefault(key, List.of()).size();
    if (!(done + refused.size() == 2 && isNewAfterForget(sent, key, refused))) {
      expectOne(
          "%s, %d renders and %s,".formatted(key, done, reasons(refused)), done + refused.size());
    }
    for (Reject reject : refused) {
      count("rejected as " + reject.reason());
      if (!isAskedFor(key, request.header().identity(), reject.reason())) {
        violations.add("%s: %s: %s".formatted(key, reject.reason(), reject.message()));
      }
    }
    if (done == 1) {
      count("done");
    }
  }

  /**
   * Whether the record was dropped when its identity was forgotten, so that its repetition, which
   * lies behind it, is a request of a new avatar.
   */
  private boolean isNewAfterForget(Sent sent, String key, List<Reject> refused)
      throws InterruptedException {
    Optional<Header.Origin> first = Optional.of(sent.origin());
    boolean wasDropped =
        refused.stream()
            .filter(one -> one.reason() == Reject.Reason.FORGOTTEN)
            .anyMatch(one -> one.origin().map(Header.Origin::withoutHeaders).equals(first));
    return repeated.contains(key) && (wasDropped || isOfTwoLives(sent.identity(), key));
  }

  /** Whether a life of the identity begins between two renders of the request. */
  private boolean isOfTwoLives(String identity, String key) {
    List<Render> both = renders.getOrDefault(key, List.of());
    List<Render> all = versions.getOrDefault(identity, List.of());
    return both.size() == 2
        && all.subList(all.indexOf(both.get(0)) + 1, all.indexOf(both.get(1)) + 1).stream()
            .anyMatch(render -> render.version() == 1);
  }

  /** Whether something that was sent accounts for the reject of a sound request. */
  private boolean isAskedFor(String key, String identity, Reject.Reason reason) {
    return switch (reason) {
      case CANCELLED -> cancelled.contains(key);
      case FORGOTTEN -> forgottenByAsking.contains(identity);
      case INBOX_FULL -> true;
      default -> false;
    };
  }

  private static List<Reject.Reason> reasons(List<Reject> rejects) {
    return rejects.stream().map(Reject::reason).toList();
  }

  private void judgeCommand(Command command) {
    String key = key(command.header().identity(), command.header().requestId());
    int refused = rejects.getOrDefault(key, List.of()).size();
    if (command instanceof Look) {
      // Views come at least once, a reject once. Both may come: of a look that was shown, which a
      // job read again from its checkpoint, behind a Forget that was not there before.
      expectOne("the look " + key, refused == 0 && seen.contains(key) ? 1 : refused);
      count("look answered");
    } else if (command instanceof Cancel cancel) {
      judgeCancel(key, cancel, refused);
    } else if (command instanceof Forget forget) {
      String id = forget.header().requestId();
      long receipt =
          receipts.getOrDefault(forget.header().identity(), List.of()).stream()
              .filter(one -> one.requestId().equals(id))
              .count();
      expectOne(key, (int) receipt + refused);
      count("forgotten");
    } else if (command instanceof Revert || command instanceof Adopt) {
      judgeRevert(key, refused);
    }
  }

  private void judgeRevert(String key, int refused) {
    int done = renders.getOrDefault(key, List.of()).size();
    expectOne("the revert " + key, done + refused);
    if (done + refused == 1) {
      count(done == 1 ? "reverted" : "revert refused");
    }
  }

  /** It dropped its target, which says so, or it says itself that there was none. */
  private void judgeCancel(String key, Cancel cancel, int refused) {
    List<Reject> target =
        rejects.getOrDefault(key(cancel.header().identity(), cancel.target()), List.of());
    long dropped =
        target.stream().filter(reject -> reject.reason() == Reject.Reason.CANCELLED).count();
    if (dropped > 1 || refused > 1) {
      violations.add("%s: %d cancelled, %d rejects".formatted(key, dropped, refused));
    } else if (dropped + refused == 0) {
      waiting.add("the cancel %s of %s".formatted(key, cancel.target()));
    } else {
      count(refused == 1 ? "nothing to cancel" : "cancelled");
    }
  }

  private void expectOne(String what, int answers) {
    if (answers == 0) {
      waiting.add(what);
    } else if (answers > 1) {
      violations.add("%s has %d answers".formatted(what, answers));
    }
  }

  private void count(String answer) {
    answers.merge(answer, 1, Integer::sum);
  }

  /** Lives of an identity, each from version 1 to what its receipt says, but for the last. */
  private void judgeVersions(String identity, List<Render> rendered) {
    List<Long> ends = new ArrayList<>();
    long expected = 1;
    for (Render render : rendered) {
      if (render.version() != expected) {
        if (render.version() != 1) {
          violations.add(
              "%s: version %d where %d was due".formatted(identity, render.version(), expected));
        }
        ends.add(expected - 1);
      }
      expected = render.version() + 1;
    }
    List<Long> told =
        receipts.getOrDefault(identity, List.of()).stream()
            .sorted(Comparator.comparing(Forgotten::erasedAt))
            .map(Forgotten::version)
            .filter(version -> version > 0)
            .toList();
    boolean isGone = told.size() > ends.size();
    if (isGone) {
      ends.add(expected - 1);
    }
    if (!ends.equals(told)) {
      violations.add(
          "%s: its lives ended with the versions %s, and receipts tell of %s"
              .formatted(identity, ends, told));
    }
    long last =
        Optional.ofNullable(latest.get(identity))
            .flatMap(LatestAvatar::known)
            .map(LatestAvatar.Known::version)
            .orElse(0L);
    long due = isGone ? 0 : expected - 1;
    if (last != due) {
      violations.add(
          "%s: version %d is published, and %d is its last".formatted(identity, last, due));
    }
  }
}
