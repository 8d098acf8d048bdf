/** The figures of Galatea's operators. Nothing here is API. */
package dev.galatea.flink.internal.metrics;
