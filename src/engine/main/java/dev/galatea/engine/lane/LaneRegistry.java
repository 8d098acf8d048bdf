package dev.galatea.engine.lane;

import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The lanes of this process, each shared by the subtasks that ask for the same settings. */
public final class LaneRegistry {
  private static final Map<LaneSettings, SharedLane> LANES = new HashMap<>();

  private LaneRegistry() {}

  /**
   * Of the lanes of these settings the one with the fewest clients, started if need be; give it
   * back with {@link #release}.
   */
  public static synchronized DeviceLane acquire(List<LaneSettings> choice) {
    LaneSettings settings = Collections.min(choice, Comparator.comparingInt(LaneRegistry::clients));
    SharedLane shared = LANES.get(settings);
    if (shared == null) {
      shared = new SharedLane(DeviceLane.start(settings));
      LANES.put(settings, shared);
    }
    shared.clients++;
    return shared.lane;
  }

  private static int clients(LaneSettings settings) {
    SharedLane shared = LANES.get(settings);
    return shared == null ? 0 : shared.clients;
  }

  /** Gives a lane back; the last to do so waits for its threads to end. */
  public static void release(DeviceLane lane) {
    if (leaveAndTellWhetherLast(lane.settings())) {
      lane.stop();
    }
  }

  private static synchronized boolean leaveAndTellWhetherLast(LaneSettings settings) {
    SharedLane shared = LANES.get(settings);
    shared.clients--;
    if (shared.clients > 0) {
      return false;
    }
    LANES.remove(settings);
    return true;
  }

  private static final class SharedLane {
    final DeviceLane lane;
    int clients;

    SharedLane(DeviceLane lane) {
      this.lane = lane;
    }
  }
}
