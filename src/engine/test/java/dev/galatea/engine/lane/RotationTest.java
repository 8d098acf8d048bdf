package dev.galatea.engine.lane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RotationTest {
  private final Rotation<String> rotation = new Rotation<>();

  @Test
  void freshAndBegunTakeTurns() {
    List.of("b1", "b2", "b3").forEach(begun -> rotation.add(begun, false));
    List.of("f1", "f2").forEach(fresh -> rotation.add(fresh, true));
    assertThat(rotation.poll(10)).containsExactly("f1", "b1", "f2", "b2", "b3");
    assertThat(rotation.isEmpty()).isTrue();
    assertThat(rotation.poll()).isNull();
  }

  @Test
  void aFloodOfFreshDoesNotStopTheBegun() {
    rotation.add("begun", false);
    int polls = 0;
    for (String next = ""; !next.equals("begun"); polls++) {
      rotation.add("fresh", true);
      next = rotation.poll();
    }
    assertThat(polls).isLessThanOrEqualTo(2);
  }

  @Test
  void noMoreAreTakenThanAskedFor() {
    List.of("a", "b", "c").forEach(element -> rotation.add(element, false));
    assertThat(rotation.poll(2)).containsExactly("a", "b");
    assertThat(rotation.size()).isEqualTo(1);
  }

  @Test
  void removedElementsAreNotTaken() {
    rotation.add("a", true);
    rotation.add("b", false);
    rotation.removeIf("a"::equals);
    assertThat(rotation.poll(10)).containsExactly("b");
  }
}
