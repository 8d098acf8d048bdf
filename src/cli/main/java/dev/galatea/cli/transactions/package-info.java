/** {@code galatea transactions}: what a job has left open in Kafka. */
package dev.galatea.cli.transactions;
