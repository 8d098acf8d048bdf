package dev.galatea.engine.lane;

import dev.galatea.engine.refine.Refiner;
import dev.galatea.records.Priority;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Decides whose slice is next: normal requests go ahead of those of low priority, first slices of
 * all later ones, then the shortest remainder, and now and then the oldest request.
 *
 * <p><b>First slices</b> are short and end in a first preview, which is what people wait for. They
 * go ahead in the order of arrival. After {@link #IN_A_ROW} of them one request that has begun has
 * a turn, if any waits. A later slice has six times the steps of a first one by default, so a flood
 * of new requests leaves a fifth of the device's time to those that have begun.
 *
 * <p><b>Shortest remainder.</b> Of the requests that have begun, the one with the fewest steps left
 * is next; of equals, the oldest. Mean completion is least so (Schrage, "A Proof of the Optimality
 * of the Shortest Remaining Processing Time Discipline", 1968): equal requests end one after
 * another instead of all at the end, as they would by turns.
 *
 * <p><b>Low priority.</b> After {@link #IN_A_ROW} normal turns a request of low priority has one,
 * if any waits: a twentieth of the device's time at least. Among themselves, requests of low
 * priority have the same order.
 *
 * <p><b>Nobody starves.</b> Every {@link #OLDEST_EVERY}th turn of requests that have begun goes to
 * the one that arrived first. A request that {@code n} slices of older ones and {@code m} slices of
 * its own are left of has ended after at most {@code (n + m) · OLDEST_EVERY · (IN_A_ROW + 1)} turns
 * of its priority, whatever arrives meanwhile. Where both priorities wait, one of every {@code
 * IN_A_ROW + 1} turns is a low one's.
 *
 * <p>Not thread-safe. Adding and taking cost the logarithm of the number that wait.
 */
public final class SliceQueue<T> {
  /** Turns in a row that those who go ahead have while others wait. */
  static final int IN_A_ROW = 20;

  /** Turns of requests that have begun, of which the oldest has one. */
  static final int OLDEST_EVERY = 8;

  private final Level<T> normal = new Level<>();
  private final Level<T> low = new Level<>();
  private long added;
  private int normalInARow;

  /**
   * What one knows of a request that waits for a slice.
   *
   * @param priority of the request
   * @param stepsLeft gradient steps that it has left; of no weight while it is fresh
   * @param fresh whether it has shown no picture yet
   * @param sinceNanos when its turn in its identity's inbox came, by {@link System#nanoTime}
   */
  public record Place(Priority priority, int stepsLeft, boolean fresh, long sinceNanos) {
    /** The place of a normal request that has shown nothing yet. */
    public static Place first(long sinceNanos) {
      return first(Priority.NORMAL, sinceNanos);
    }

    /** The place of a request that has shown nothing yet. */
    public static Place first(Priority priority, long sinceNanos) {
      return new Place(priority, Integer.MAX_VALUE, true, sinceNanos);
    }

    /** The place of the same request when a row of it is offered. */
    public Place of(Refiner.Row row) {
      return row.draft()
          .map(draft -> later(row.budget() - draft.step()))
          .orElseGet(() -> first(priority, sinceNanos));
    }

    /** The place of the same request after a slice. */
    public Place later(int left) {
      return new Place(priority, left, false, sinceNanos);
    }
  }

  /** An element that waits, and its place. */
  public record Waiting<T>(T element, Place place, long ticket) {
    private static <T> Comparator<Waiting<T>> byAge() {
      return Comparator.<Waiting<T>>comparingLong(waiting -> waiting.place().sinceNanos())
          .thenComparingLong(Waiting::ticket);
    }
  }

  public void add(T element, Place place) {
    level(place.priority()).add(new Waiting<>(element, place, added++));
  }

  private Level<T> level(Priority priority) {
    return switch (priority) {
      case NORMAL -> normal;
      case LOW -> low;
    };
  }

  public boolean isEmpty() {
    return normal.isEmpty() && low.isEmpty();
  }

  public int size() {
    return normal.size() + low.size();
  }

  /** Takes the next element, or null if there is none. */
  public Waiting<T> poll() {
    if (low.isEmpty() || (!normal.isEmpty() && normalInARow < IN_A_ROW)) {
      normalInARow++;
      return normal.poll();
    }
    normalInARow = 0;
    return low.poll();
  }

  /** Takes up to {@code most} elements. */
  public List<T> poll(int most) {
    List<T> taken = new ArrayList<>();
    while (taken.size() < most && !isEmpty()) {
      taken.add(poll().element());
    }
    return taken;
  }

  /** Drops the elements for which the condition holds. */
  public void removeIf(Predicate<T> condition) {
    normal.removeIf(condition);
    low.removeIf(condition);
  }

  /** Requests of one priority. */
  private static final class Level<T> {
    private final Deque<Waiting<T>> fresh = new ArrayDeque<>();
    private final TreeSet<Waiting<T>> shortest =
        new TreeSet<>(
            Comparator.<Waiting<T>>comparingInt(waiting -> waiting.place().stepsLeft())
                .thenComparing(Waiting.byAge()));
    private final TreeSet<Waiting<T>> oldest = new TreeSet<>(Waiting.byAge());
    private int firstInARow;
    private int turnsOfBegun;

    void add(Waiting<T> waiting) {
      if (waiting.place().fresh()) {
        fresh.addLast(waiting);
      } else {
        shortest.add(waiting);
        oldest.add(waiting);
      }
    }

    boolean isEmpty() {
      return fresh.isEmpty() && oldest.isEmpty();
    }

    int size() {
      return fresh.size() + oldest.size();
    }

    Waiting<T> poll() {
      if (oldest.isEmpty() || (!fresh.isEmpty() && firstInARow < IN_A_ROW)) {
        firstInARow++;
        return fresh.pollFirst();
      }
      firstInARow = 0;
      turnsOfBegun = (turnsOfBegun + 1) % OLDEST_EVERY;
      Waiting<T> next = (turnsOfBegun == 0 ? oldest : shortest).first();
      shortest.remove(next);
      oldest.remove(next);
      return next;
    }

    void removeIf(Predicate<T> condition) {
      fresh.removeIf(waiting -> condition.test(waiting.element()));
      shortest.removeIf(waiting -> condition.test(waiting.element()));
      oldest.removeIf(waiting -> condition.test(waiting.element()));
    }
  }
}
