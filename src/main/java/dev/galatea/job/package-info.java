/** The ready job: requests from Kafka, renders to Kafka. */
package dev.galatea.job;
