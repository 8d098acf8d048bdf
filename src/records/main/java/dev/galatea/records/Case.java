package dev.galatea.records;

/**
 * The answer for one kind of a sealed type, as methods named {@code match} ask for it.
 *
 * @param <K> the kind
 * @param <T> the answer
 * @param <E> what answering may throw; nothing that is checked where nothing is thrown
 */
@FunctionalInterface
public interface Case<K, T, E extends Exception> {
  /** The answer for a value of this kind. */
  T of(K value) throws E;
}
