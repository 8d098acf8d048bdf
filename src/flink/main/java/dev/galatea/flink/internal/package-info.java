/** The operator, its keyed state and its metrics. Nothing here is API. */
package dev.galatea.flink.internal;
