/** Writes records exactly once, and never counts one as written that was not. Not API. */
package dev.galatea.kafka.internal.sink;
