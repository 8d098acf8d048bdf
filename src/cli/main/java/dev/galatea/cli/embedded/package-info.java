/** Kafka, Flink and the job in this process, for commands. */
package dev.galatea.cli.embedded;
