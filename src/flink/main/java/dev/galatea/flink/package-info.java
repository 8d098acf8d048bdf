/**
 * Avatars in a Flink job: {@link dev.galatea.flink.Galatea} is the entry, the {@code …Options}
 * classes are its settings. Everything here is API, but for {@link
 * dev.galatea.flink.RecordSerializer}, which savepoints name.
 */
package dev.galatea.flink;
