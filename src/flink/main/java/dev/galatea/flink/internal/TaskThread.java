package dev.galatea.flink.internal;

import org.apache.flink.util.function.ThrowingRunnable;

/** What the parts of the operator ask of the task that they run on. */
interface TaskThread {
  /** Has work done on the task's thread. May be called from any thread. */
  void mail(ThrowingRunnable<Exception> work, String what);

  /** Makes an identity the one whose state is read and written. */
  void turnTo(String identity);

  /** The identity whose state is read and written. */
  String identity();

  /** The time by which deadlines pass and identities expire, in milliseconds since 1970. */
  long nowMs();
}
