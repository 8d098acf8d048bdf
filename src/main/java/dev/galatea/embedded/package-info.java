/** A Kafka broker and a Flink cluster inside one JVM, for the demo, the benchmark and tests. */
package dev.galatea.embedded;
