/** Kafka's side of a job: sources of requests, sinks of renders, and a look at Kafka beforehand. */
package dev.galatea.kafka;
