package dev.galatea.flink.internal;

import dev.galatea.records.result.Render;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.functions.MapFunction;

/**
 * What came out of a job of a name, in whatever attempts, at least once; and a way to make the job
 * fail right after state was changed, when the render that goes with it has not left yet.
 */
final class Collected implements MapFunction<Render, Render> {
  private static final long serialVersionUID = 1;
  private static final Map<String, Queue<Render>> RENDERS = new ConcurrentHashMap<>();
  private static final Map<String, AtomicInteger> FAIL_AT = new ConcurrentHashMap<>();

  private final String name;

  Collected(String name) {
    this.name = name;
  }

  static List<Render> of(String name) {
    return new ArrayList<>(RENDERS.computeIfAbsent(name, unused -> new ConcurrentLinkedQueue<>()));
  }

  /** Makes the job fail, once, instead of emitting its {@code count}-th render from now. */
  static void failAt(String name, int count) {
    FAIL_AT.put(name, new AtomicInteger(count));
  }

  /** Whether the failure that was asked for has happened. */
  static boolean hasFailed(String name) {
    AtomicInteger left = FAIL_AT.get(name);
    return left != null && left.get() <= 0;
  }

  @Override
  public Render map(Render render) {
    AtomicInteger left = FAIL_AT.get(name);
    if (left != null && left.decrementAndGet() == 0) {
      throw new IllegalStateException("a failure amid a commit, as the test asked for");
    }
    RENDERS.computeIfAbsent(name, unused -> new ConcurrentLinkedQueue<>()).add(render);
    return render;
  }
}
