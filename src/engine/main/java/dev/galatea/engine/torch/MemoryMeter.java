package dev.galatea.engine.torch;

import ai.djl.Device;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.cuda.CudaUtils;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * Measures the memory of a device: a GPU's as its driver tells it, a CPU's as Linux does, and
 * nothing elsewhere.
 */
public interface MemoryMeter {

  /** The meter of a device. */
  static MemoryMeter of(Device device) {
    if (device.isGpu()) {
      return new Cuda(device);
    }
    return Files.isWritable(Linux.CLEAR_REFS) ? new Linux() : new Unknown();
  }

  /** Bytes that this process can still take. */
  OptionalLong freeBytes();

  /** The most bytes that the work holds over what is held before it. */
  OptionalLong peakBytes(Runnable work);

  /**
   * A GPU. libtorch keeps what it has once taken, so that what is kept after the work is what the
   * work took at its peak.
   */
  record Cuda(Device device) implements MemoryMeter {
    @Override
    public OptionalLong freeBytes() {
      JniUtils.emptyCudaCache();
      MemoryUsage memory = CudaUtils.getGpuMemory(device);
      return OptionalLong.of(memory.getMax() - memory.getCommitted());
    }

    @Override
    public OptionalLong peakBytes(Runnable work) {
      long before = freeBytes().orElseThrow();
      work.run();
      MemoryUsage after = CudaUtils.getGpuMemory(device);
      return OptionalLong.of(Math.max(0, before - after.getMax() + after.getCommitted()));
    }
  }

  /**
   * This process under Linux: the peak of its resident memory (proc(5)), after what malloc has kept
   * is given back, since memory that is taken anew is all that shows.
   */
  record Linux() implements MemoryMeter {
    static final Path CLEAR_REFS = Path.of("/proc/self/clear_refs");
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path MEMORY = Path.of("/proc/meminfo");
    private static final String RESET_PEAK = "5";
    private static final AtomicBoolean TRIMS = new AtomicBoolean(true);

    @Override
    public OptionalLong freeBytes() {
      long available = bytes(MEMORY, "MemAvailable");
      // Of a container, where this is one.
      long total =
          ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
      return OptionalLong.of(Math.min(available, total - bytes(STATUS, "VmRSS")));
    }

    @Override
    public OptionalLong peakBytes(Runnable work) {
      trim();
      long before = bytes(STATUS, "VmRSS");
      resetPeak();
      work.run();
      return OptionalLong.of(Math.max(0, bytes(STATUS, "VmHWM") - before));
    }

    private static void resetPeak() {
      try {
        Files.writeString(CLEAR_REFS, RESET_PEAK);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static long bytes(Path file, String key) {
      Pattern line = Pattern.compile("^" + key + ":\\s+(\\d+) kB$", Pattern.MULTILINE);
      try {
        Matcher matcher = line.matcher(Files.readString(file));
        if (!matcher.find()) {
          throw new IllegalStateException(file + " has no " + key);
        }
        return 1024 * Long.parseLong(matcher.group(1));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** As {@code jcmd System.trim_native_heap}, which some Java platforms do not have. */
    private static void trim() {
      if (!TRIMS.get()) {
        return;
      }
      try {
        ManagementFactory.getPlatformMBeanServer()
            .invoke(
                ObjectName.getInstance("com.sun.management:type=DiagnosticCommand"),
                "systemTrimNativeHeap",
                new Object[0],
                new String[0]);
      } catch (JMException e) {
        TRIMS.set(false);
      }
    }
  }

  /** A platform that does not tell. */
  record Unknown() implements MemoryMeter {
    @Override
    public OptionalLong freeBytes() {
      return OptionalLong.empty();
    }

    @Override
    public OptionalLong peakBytes(Runnable work) {
      work.run();
      return OptionalLong.empty();
    }
  }
}
