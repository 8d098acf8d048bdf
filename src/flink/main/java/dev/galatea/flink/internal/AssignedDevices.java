package dev.galatea.flink.internal;

import dev.galatea.flink.LaneOptions;
import java.util.List;
import java.util.Set;
import org.apache.flink.api.common.externalresource.ExternalResourceInfo;
import org.apache.flink.api.common.functions.RuntimeContext;

/**
 * The devices that Flink assigns to a TaskManager, in the notation of {@link LaneOptions#DEVICE}.
 */
final class AssignedDevices {
  /**
   * Name of the external resource, and the property of each of its units that tells which it is.
   */
  static final String RESOURCE = "gpu";

  static final String INDEX = "index";

  private AssignedDevices() {}

  /**
   * The GPUs of Flink's external resource, by their index; only the fallback if there are none.
   *
   * @throws IllegalStateException if a unit of the resource has no index
   */
  static List<String> assigned(RuntimeContext context, String fallback) {
    Set<ExternalResourceInfo> units = context.getExternalResourceInfos(RESOURCE);
    return units.isEmpty()
        ? List.of(fallback)
        : units.stream().map(AssignedDevices::index).sorted().map(index -> "gpu:" + index).toList();
  }

  private static int index(ExternalResourceInfo unit) {
    String index = unit.getProperty(INDEX).orElse("");
    try {
      return Integer.parseUnsignedInt(index);
    } catch (NumberFormatException e) {
      throw new IllegalStateException(
          "Flink's external resource '%s' tells the property '%s' as '%s', not as a number from 0; "
                  .formatted(RESOURCE, INDEX, index)
              + "its driver must be one that does, as Flink's GPUDriverFactory",
          e);
    }
  }
}
