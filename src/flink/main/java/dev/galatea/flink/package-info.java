/**
 * Avatars in a Flink job: {@link dev.galatea.flink.Galatea} is the entry, the {@code …Options}
 * classes are its settings.
 */
package dev.galatea.flink;
