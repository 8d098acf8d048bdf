/** The operators and their keyed state. Nothing here is API. */
package dev.galatea.flink.internal;
