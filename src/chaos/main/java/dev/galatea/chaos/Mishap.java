package dev.galatea.chaos;

import java.util.List;
import java.util.Random;

/** What is done to a process of the system. */
enum Mishap {
  TASKMANAGER_KILLED(8),
  TASKMANAGER_TERMINATED(3),
  TASKMANAGER_STOPPED(3),
  JOBMANAGER_KILLED(3),
  JOBMANAGER_STOPPED(1),
  BROKER_KILLED(2),
  BROKER_STOPPED(1);

  private static final int LONGEST_STOP_MS = 6000;

  private final int frequency;

  Mishap(int frequency) {
    this.frequency = frequency;
  }

  /** One at random, by its frequency. */
  static Mishap next(Random random) {
    int all = List.of(values()).stream().mapToInt(mishap -> mishap.frequency).sum();
    int left = random.nextInt(all);
    for (Mishap mishap : values()) {
      left -= mishap.frequency;
      if (left < 0) {
        return mishap;
      }
    }
    throw new IllegalStateException("frequencies do not add up");
  }

  /** Strikes, and has mended what ended. */
  void strike(SystemUnderTest system, Random random) throws Exception {
    Child struck =
        switch (this) {
          case TASKMANAGER_KILLED, TASKMANAGER_TERMINATED, TASKMANAGER_STOPPED ->
              system.taskManagers().get(random.nextInt(system.taskManagers().size()));
          case JOBMANAGER_KILLED, JOBMANAGER_STOPPED -> system.jobManager();
          case BROKER_KILLED, BROKER_STOPPED -> system.broker();
        };
    switch (this) {
      case TASKMANAGER_KILLED, JOBMANAGER_KILLED, BROKER_KILLED -> {
        struck.signal("KILL");
        struck.awaitEnd();
      }
      case TASKMANAGER_TERMINATED -> {
        struck.signal("TERM");
        struck.awaitEnd();
      }
      case TASKMANAGER_STOPPED, JOBMANAGER_STOPPED, BROKER_STOPPED -> {
        struck.signal("STOP");
        Thread.sleep(random.nextInt(LONGEST_STOP_MS));
        struck.signal("CONT");
      }
    }
    system.mend();
  }
}
