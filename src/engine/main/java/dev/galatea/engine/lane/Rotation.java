package dev.galatea.engine.lane;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;

/**
 * Two first-in-first-out queues that take turns: {@code fresh} for requests that have shown nothing
 * yet, {@code begun} for the others. An element that wants more goes to the back of {@code begun},
 * so all begun elements rotate. Since turns alternate, a flood of new requests delays begun
 * requests by no more than a factor of two, and a crowd of begun requests delays a new request by
 * no more than the new requests before it. Not thread-safe.
 */
public final class Rotation<T> {
  private final Deque<T> fresh = new ArrayDeque<>();
  private final Deque<T> begun = new ArrayDeque<>();
  private boolean begunIsNext;

  public void add(T element, boolean isFresh) {
    (isFresh ? fresh : begun).addLast(element);
  }

  public boolean isEmpty() {
    return fresh.isEmpty() && begun.isEmpty();
  }

  public int size() {
    return fresh.size() + begun.size();
  }

  /** Takes the next element, or null if there is none. */
  public T poll() {
    Deque<T> queue = fresh.isEmpty() || (begunIsNext && !begun.isEmpty()) ? begun : fresh;
    begunIsNext = queue == fresh;
    return queue.pollFirst();
  }

  /** Takes up to {@code most} elements. */
  public List<T> poll(int most) {
    List<T> taken = new ArrayList<>();
    while (taken.size() < most && !isEmpty()) {
      taken.add(poll());
    }
    return taken;
  }

  /** Drops the elements for which the condition holds. */
  public void removeIf(Predicate<T> condition) {
    fresh.removeIf(condition);
    begun.removeIf(condition);
  }
}
