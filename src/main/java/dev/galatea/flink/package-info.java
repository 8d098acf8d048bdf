/**
 * Avatars as a Flink operator. {@link dev.galatea.flink.Galatea} is the entry, the {@code …Options}
 * classes its settings; the rest is machinery: the operator and its keyed state on the task's
 * thread, and the device lane that all subtasks of a process share.
 */
package dev.galatea.flink;
