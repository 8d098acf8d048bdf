package dev.galatea.engine.lane;

import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The lanes of this process, each shared by the subtasks that ask for the same settings.
 *
 * <p>A lane whose device failed takes no further clients: whoever comes next gets a new lane, while
 * the old one waits for its last client to leave.
 */
public final class LaneRegistry {
  private static final Map<LaneSettings, DeviceLane> LANES = new HashMap<>();
  private static final IdentityHashMap<DeviceLane, Integer> CLIENTS = new IdentityHashMap<>();

  private LaneRegistry() {}

  /**
   * The lane of these settings that has the fewest clients; it is started if there is none. Give it
   * back with {@link #release}.
   */
  public static synchronized DeviceLane acquire(List<LaneSettings> choice) {
    LaneSettings settings = Collections.min(choice, Comparator.comparingInt(LaneRegistry::clients));
    DeviceLane lane = LANES.get(settings);
    if (lane == null || lane.hasFailed()) {
      lane = DeviceLane.start(settings);
      LANES.put(settings, lane);
    }
    CLIENTS.merge(lane, 1, Integer::sum);
    return lane;
  }

  private static int clients(LaneSettings settings) {
    return CLIENTS.getOrDefault(LANES.get(settings), 0);
  }

  /** Gives a lane back; the last to do so waits for its threads to end. */
  public static void release(DeviceLane lane) {
    if (leaveAndTellWhetherLast(lane)) {
      lane.stop();
    }
  }

  private static synchronized boolean leaveAndTellWhetherLast(DeviceLane lane) {
    if (CLIENTS.merge(lane, -1, Integer::sum) > 0) {
      return false;
    }
    CLIENTS.remove(lane);
    LANES.remove(lane.settings(), lane);
    return true;
  }
}
