package dev.galatea.engine.torch;

import ai.djl.Device;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a device: {@code cpu}, {@code gpu}, which is the first GPU, or {@code gpu:<index>}.
 */
public final class DeviceName {
  /** The notation, for messages. */
  public static final String NOTATION = "cpu, gpu or gpu:<index>";

  private static final Pattern PATTERN = Pattern.compile("cpu|gpu(?::(\\d{1,4}))?");

  private DeviceName() {}

  /** Whether the name is in the notation. The device itself may not exist. */
  public static boolean isWellFormed(String name) {
    return PATTERN.matcher(name).matches();
  }

  /**
   * The device of a name.
   *
   * @throws DeviceException if the name is not in the notation or there is no such device
   */
  public static Device resolve(String name) {
    Matcher matcher = PATTERN.matcher(name);
    if (!matcher.matches()) {
      throw new DeviceException("'%s' is no device; use %s".formatted(name, NOTATION));
    }
    if (name.equals("cpu")) {
      return Device.cpu();
    }
    int index = matcher.group(1) == null ? 0 : Integer.parseInt(matcher.group(1));
    int count = Torch.gpuCount();
    if (index >= count) {
      throw new DeviceException(
          "there is no device '%s': DJL sees %d GPUs, and none where it does not find libcudart.so"
              .formatted(name, count));
    }
    return Device.gpu(index);
  }
}
