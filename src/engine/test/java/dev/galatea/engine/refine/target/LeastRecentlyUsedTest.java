package dev.galatea.engine.refine.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeastRecentlyUsedTest {
  private final List<String> released = new ArrayList<>();
  private final LeastRecentlyUsed<Integer, String> cache =
      new LeastRecentlyUsed<>(2, released::add);

  @Test
  void whatIsThereIsNotMadeAgain() {
    cache.get(1, () -> "one");
    assertThat(cache.get(1, () -> "another")).isEqualTo("one");
  }

  @Test
  void trimmingReleasesWhatWasNotUsedForLongest() {
    cache.get(1, () -> "one");
    cache.get(2, () -> "two");
    cache.get(3, () -> "three");
    cache.get(1, () -> "another");
    assertThat(released).isEmpty();
    cache.trim();
    assertThat(released).containsExactly("two");
    assertThat(cache.size()).isEqualTo(2);
  }

  @Test
  void clearingReleasesEverything() {
    cache.get(1, () -> "one");
    cache.get(2, () -> "two");
    cache.clear();
    assertThat(released).containsExactly("one", "two");
    assertThat(cache.size()).isZero();
  }
}
