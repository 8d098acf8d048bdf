/** Requests from Kafka, renders and rejects to Kafka. */
package dev.galatea.kafka;
