/** The format {@code galatea} of Flink SQL. */
package dev.galatea.kafka.sql;
