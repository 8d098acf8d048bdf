package dev.galatea.engine.verify;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CostTest {
  private static final long BUSY_NANOS = 30_000_000;
  private static final long IDLE_MILLIS = 300;

  /** Sleeping stands for a processor that others use too. */
  @Test
  void onACpuTimeThatTheThreadDidNotHaveIsNotCounted() {
    Cost.Measured<Long> measured = Cost.measure(Device.cpu(), 10, CostTest::sleepAndCalculate);
    assertThat(measured.cost().millis())
        .isGreaterThanOrEqualTo(measured.result() / 1e6)
        .isLessThan(IDLE_MILLIS);
  }

  @Test
  void workIsDoneNoMoreOftenThanAsked() {
    AtomicInteger runs = new AtomicInteger();
    Cost.measure(Device.cpu(), 1, runs::incrementAndGet);
    assertThat(runs).hasValue(1);
  }

  private static long sleepAndCalculate() {
    try {
      TimeUnit.MILLISECONDS.sleep(IDLE_MILLIS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    long start = threadNanos();
    while (threadNanos() - start < BUSY_NANOS) {
      Thread.onSpinWait();
    }
    return BUSY_NANOS;
  }

  private static long threadNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}
