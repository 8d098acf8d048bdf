/** The ready job, its arguments and its option keys. */
package dev.galatea.kafka.job;
