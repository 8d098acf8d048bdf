/** A Kafka broker and a Flink cluster in this JVM. */
package dev.galatea.embedded;
