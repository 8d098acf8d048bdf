package dev.galatea.engine.refine.target;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A bounded cache of values that must be released. What a slice uses stays until {@link #trim} at
 * the slice's end, so that nothing is released while it is in use.
 */
final class LeastRecentlyUsed<K, V> {
  private final LinkedHashMap<K, V> entries = new LinkedHashMap<>(16, 0.75f, true);
  private final int capacity;
  private final Consumer<V> release;

  LeastRecentlyUsed(int capacity, Consumer<V> release) {
    this.capacity = capacity;
    this.release = release;
  }

  V get(K key, Supplier<V> make) {
    V value = entries.get(key);
    if (value == null) {
      value = make.get();
      entries.put(key, value);
    }
    return value;
  }

  /** The value of a key, if it is kept. */
  Optional<V> find(K key) {
    return Optional.ofNullable(entries.get(key));
  }

  int size() {
    return entries.size();
  }

  /** Releases what was not used for longest, down to the capacity. */
  void trim() {
    Iterator<Map.Entry<K, V>> oldest = entries.entrySet().iterator();
    for (int surplus = entries.size() - capacity; surplus > 0; surplus--) {
      release.accept(oldest.next().getValue());
      oldest.remove();
    }
  }

  /** Releases everything. */
  void clear() {
    entries.values().forEach(release);
    entries.clear();
  }
}
