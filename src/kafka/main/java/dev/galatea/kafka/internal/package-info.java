/** Kafka records to and from Galatea's records. Nothing here is API. */
package dev.galatea.kafka.internal;
