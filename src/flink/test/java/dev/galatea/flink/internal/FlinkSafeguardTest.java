package dev.galatea.flink.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import org.apache.flink.runtime.util.JvmShutdownSafeguard;
import org.junit.jupiter.api.Test;

/** What {@code galatea.lane.exit-timeout} says of Flink, which no setting changes. */
class FlinkSafeguardTest {
  @Test
  void aTaskManagerThatIsToldToEndIsHaltedAfterFiveSecondsWithCode239() throws Exception {
    assertThat(constant("DEFAULT_DELAY")).isEqualTo(5000L);
    assertThat((int) constant("EXIT_CODE") & 0xff).isEqualTo(239);
  }

  private static Object constant(String name) throws Exception {
    Field field = JvmShutdownSafeguard.class.getDeclaredField(name);
    field.setAccessible(true);
    return field.get(null);
  }
}
