package dev.galatea.engine.lane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.galatea.engine.lane.SliceQueue.Place;
import dev.galatea.records.Priority;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SliceQueueTest {
  private static final int FIRST_STEPS = 2;
  private static final int LATER_STEPS = 8;

  private final SliceQueue<String> queue = new SliceQueue<>();
  private long now;

  @Test
  void firstSlicesGoAheadInTheOrderOfArrival() {
    begun("begun", 5);
    fresh("a");
    fresh("b");
    assertThat(queue.poll(10)).containsExactly("a", "b", "begun");
    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.poll()).isNull();
  }

  @Test
  void theShortestRemainderIsNextAndOfEqualsTheOldest() {
    begun("long", 90);
    begun("short", 10);
    begun("later", 10);
    assertThat(queue.poll(10)).containsExactly("short", "later", "long");
  }

  @Test
  void aFloodOfFirstSlicesLeavesEveryOneOfSomeTurnsToTheBegun() {
    begun("begun", 5);
    int polls = 0;
    for (String next = ""; !next.equals("begun"); polls++) {
      fresh("fresh");
      next = queue.poll().element();
    }
    assertThat(polls).isEqualTo(SliceQueue.IN_A_ROW + 1);
  }

  @Test
  void lowPriorityYieldsButHasATurnAfterSomeNormalOnes() {
    queue.add("low", Place.first(Priority.LOW, now++));
    int polls = 0;
    for (String next = ""; !next.equals("low"); polls++) {
      begun("normal", 5);
      fresh("normal");
      next = queue.poll().element();
    }
    assertThat(polls).isEqualTo(SliceQueue.IN_A_ROW + 1);
  }

  @Test
  void lowPriorityIsKeptFromSliceToSlice() {
    queue.add("low", Place.first(Priority.LOW, now++));
    SliceQueue.Waiting<String> low = queue.poll();
    queue.add("low", low.place().later(1));
    begun("normal", 500);
    assertThat(queue.poll(10)).containsExactly("normal", "low");
  }

  @Test
  void aRequestKeepsItsAgeFromSliceToSlice() {
    fresh("old");
    SliceQueue.Waiting<String> old = queue.poll();
    for (int i = 0; i < SliceQueue.OLDEST_EVERY; i++) {
      begun("young", 1);
    }
    queue.add(old.element(), old.place().later(1000));
    assertThat(queue.poll(SliceQueue.OLDEST_EVERY)).contains("old");
  }

  @Test
  void noMoreAreTakenThanAskedFor() {
    List.of("a", "b", "c").forEach(element -> begun(element, 5));
    assertThat(queue.poll(2)).containsExactly("a", "b");
    assertThat(queue.size()).isEqualTo(1);
  }

  @Test
  void removedElementsAreNotTaken() {
    fresh("a");
    begun("b", 5);
    begun("c", 5);
    queue.removeIf(element -> !element.equals("c"));
    assertThat(queue.poll(10)).containsExactly("c");
  }

  /** Requests of one slice and new ones come without end, which are always shorter. */
  @Property(tries = 50)
  void nobodyStarves(
      @ForAll @Size(min = 1, max = 6) List<@IntRange(min = 1, max = 12) Integer> old) {
    SliceQueue<Integer> flooded = new SliceQueue<>();
    int slices = 0;
    List<Integer> left = new ArrayList<>(old);
    for (int i = 0; i < old.size(); i++) {
      flooded.add(i, Place.first(i).later(LATER_STEPS * old.get(i)));
      slices += old.get(i);
    }
    int turns = 0;
    while (left.stream().anyMatch(some -> some > 0)) {
      flooded.add(-1, Place.first(1000 + turns));
      flooded.add(-1, Place.first(1000 + turns).later(1));
      SliceQueue.Waiting<Integer> next = flooded.poll();
      turns++;
      if (next.element() >= 0) {
        int slicesLeft = left.get(next.element()) - 1;
        left.set(next.element(), slicesLeft);
        if (slicesLeft > 0) {
          flooded.add(next.element(), next.place().later(LATER_STEPS * slicesLeft));
        }
      }
    }
    assertThat(turns)
        .isLessThanOrEqualTo(slices * SliceQueue.OLDEST_EVERY * (SliceQueue.IN_A_ROW + 1));
  }

  /**
   * Of requests that come at once, on one worker. Turns would end nearly all of them at the end.
   */
  @Property(tries = 20)
  void aBurstShowsSomethingSoonAndEndsOneAfterAnother(
      @ForAll @IntRange(min = 20, max = 100) int count,
      @ForAll @IntRange(min = 20, max = 100) int steps) {
    SliceQueue<Integer> burst = new SliceQueue<>();
    for (int i = 0; i < count; i++) {
      burst.add(i, Place.first(i));
    }
    int run = 0;
    int lastShown = 0;
    List<Integer> ends = new ArrayList<>();
    while (!burst.isEmpty()) {
      SliceQueue.Waiting<Integer> next = burst.poll();
      Place place = next.place();
      int stepsLeft = place.fresh() ? steps : place.stepsLeft();
      int slice = Math.min(stepsLeft, place.fresh() ? FIRST_STEPS : LATER_STEPS);
      run += slice;
      lastShown = place.fresh() ? run : lastShown;
      if (slice < stepsLeft) {
        burst.add(next.element(), place.later(stepsLeft - slice));
      } else {
        ends.add(run);
      }
    }
    assertThat(lastShown).isLessThanOrEqualTo(5 * FIRST_STEPS * count / 4);
    double mean = ends.stream().mapToInt(Integer::intValue).average().orElseThrow();
    assertThat(mean).isLessThan(0.6 * run);
  }

  private void fresh(String element) {
    queue.add(element, Place.first(now++));
  }

  private void begun(String element, int stepsLeft) {
    queue.add(element, Place.first(now++).later(stepsLeft));
  }
}
