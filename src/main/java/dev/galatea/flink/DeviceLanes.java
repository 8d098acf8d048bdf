package dev.galatea.flink;

import java.util.HashMap;
import java.util.Map;

/** The lanes of this process, each shared by the subtasks that ask for the same settings. */
final class DeviceLanes {
  private static final Map<LaneSettings, Shared> LANES = new HashMap<>();

  private DeviceLanes() {}

  /** The lane of these settings, started if need be; give it back with {@link #release}. */
  static synchronized DeviceLane acquire(LaneSettings settings) {
    Shared shared = LANES.get(settings);
    if (shared == null) {
      shared = new Shared(DeviceLane.start(settings));
      LANES.put(settings, shared);
    }
    shared.clients++;
    return shared.lane;
  }

  /** Gives a lane back; the last to do so waits for its threads to end. */
  static void release(LaneSettings settings) {
    DeviceLane unused = forgetIfLast(settings);
    if (unused != null) {
      unused.stop();
    }
  }

  private static synchronized DeviceLane forgetIfLast(LaneSettings settings) {
    Shared shared = LANES.get(settings);
    shared.clients--;
    if (shared.clients > 0) {
      return null;
    }
    LANES.remove(settings);
    return shared.lane;
  }

  private static final class Shared {
    final DeviceLane lane;
    int clients;

    Shared(DeviceLane lane) {
      this.lane = lane;
    }
  }
}
