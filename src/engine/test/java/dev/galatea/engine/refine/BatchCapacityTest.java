package dev.galatea.engine.refine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.galatea.engine.torch.MemoryMeter;
import java.util.OptionalLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On a device in numbers: 1000 bytes, of which the pack and other processes have 100. */
class BatchCapacityTest {
  private static final int TOTAL = 1000;
  private static final int TAKEN = 100;
  private static final int REMEMBERED = 12;

  @ParameterizedTest
  @CsvSource({
    // fixed, each, kept, share, most, rows
    "100, 80, 0, 1.0, 64, 10",
    "0, 300, 0, 1.0, 64, 3",
    "100, 80, 0, 0.5, 64, 4",
    "100, 80, 40, 1.0, 64, 4",
    "100, 80, 0, 1.0, 8, 8",
    "100, 0, 0, 1.0, 64, 64",
    "100, 390, 0, 1.0, 64, 2",
    "100, 500, 0, 1.0, 64, 1",
    "900, 100, 0, 1.0, 64, 1",
    "100, 80, 80, 1.0, 64, 1",
  })
  void asManyRowsAsFitBesideWhatIsKept(
      int fixed, int each, int kept, double share, int most, int rows) {
    assertThat(new Device(fixed, each, kept).batchCapacity().capacity(most, share)).isEqualTo(rows);
  }

  /**
   * @param fixed bytes of a slice, however many rows it has
   * @param each bytes of each of its rows
   * @param kept bytes of what is kept of a request after its slice
   */
  private record Device(int fixed, int each, int kept, int[] state)
      implements MemoryMeter, BatchCapacity.Workload {
    Device(int fixed, int each, int kept) {
      this(fixed, each, kept, new int[2]);
    }

    BatchCapacity batchCapacity() {
      return new BatchCapacity(this, this, REMEMBERED);
    }

    @Override
    public void run(int rows) {
      state[0] = Math.max(state[0], rows);
      int slice = fixed + each * rows;
      if (TAKEN + keptBytes() + slice > TOTAL) {
        throw new DeviceMemoryException(rows, null);
      }
      state[1] = Math.max(state[1], slice);
    }

    @Override
    public long keptBytes() {
      return (long) state[0] * kept;
    }

    @Override
    public OptionalLong freeBytes() {
      return OptionalLong.of(TOTAL - TAKEN - keptBytes());
    }

    @Override
    public OptionalLong peakBytes(Runnable work) {
      state[1] = 0;
      work.run();
      return OptionalLong.of(state[1]);
    }
  }
}
