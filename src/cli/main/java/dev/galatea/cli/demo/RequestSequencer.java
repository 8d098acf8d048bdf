package dev.galatea.cli.demo;

import dev.galatea.cli.requests.RequestLine;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Sends the requests of each identity one after the other: the next follows when the answer to the
 * last has come. Used by one thread.
 */
final class RequestSequencer {
  /** The first request of each queue is under way. */
  private final Map<String, Deque<RequestLine>> waiting = new LinkedHashMap<>();

  RequestSequencer(List<RequestLine> lines) {
    for (RequestLine line : lines) {
      waiting.computeIfAbsent(line.identity(), identity -> new ArrayDeque<>()).add(line);
    }
  }

  /** The first request of each identity; all of them can be sent at once. */
  List<RequestLine> first() {
    List<RequestLine> lines = new ArrayList<>();
    waiting.values().forEach(queue -> lines.add(queue.element()));
    return lines;
  }

  /** The request of the identity that is under way. */
  Optional<RequestLine> onItsWay(String identity) {
    return Optional.ofNullable(waiting.get(identity)).map(Deque::element);
  }

  /** Takes the answer to a request and returns the identity's next request, to be sent now. */
  Optional<RequestLine> answered(RequestLine line) {
    Deque<RequestLine> queue = waiting.get(line.identity());
    if (queue == null || !queue.element().equals(line)) {
      throw new IllegalStateException(line.place() + " was not on its way");
    }
    queue.remove();
    if (queue.isEmpty()) {
      waiting.remove(line.identity());
    }
    return Optional.ofNullable(queue.peek());
  }

  /** Whether all requests have been answered. */
  boolean done() {
    return waiting.isEmpty();
  }
}
