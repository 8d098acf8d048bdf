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
 * Whose turn it is: one request of each identity is on its way at a time, and the next of that
 * identity follows when it has been answered. Used by one thread.
 */
final class RequestSequencer {
  /** The head of each queue is on its way. */
  private final Map<String, Deque<RequestLine>> waiting = new LinkedHashMap<>();

  RequestSequencer(List<RequestLine> lines) {
    for (RequestLine line : lines) {
      waiting.computeIfAbsent(line.identity(), identity -> new ArrayDeque<>()).add(line);
    }
  }

  /** The first request of each identity, all to be sent at once. */
  List<RequestLine> first() {
    List<RequestLine> lines = new ArrayList<>();
    waiting.values().forEach(queue -> lines.add(queue.element()));
    return lines;
  }

  /** The request of the identity that is on its way. */
  Optional<RequestLine> onItsWay(String identity) {
    return Optional.ofNullable(waiting.get(identity)).map(Deque::element);
  }

  /** The request was answered; tells the next of its identity, to be sent now. */
  Optional<RequestLine> answered(RequestLine line) {
    Deque<RequestLine> queue = waiting.get(line.identity());
    if (queue == null || !queue.element().equals(line)) {
      throw new IllegalStateException("line " + line.number() + " was not on its way");
    }
    queue.remove();
    if (queue.isEmpty()) {
      waiting.remove(line.identity());
    }
    return Optional.ofNullable(queue.peek());
  }

  /** Whether all have been answered. */
  boolean done() {
    return waiting.isEmpty();
  }
}
