/**
 * The way to a device: a queue that is fair among identities, worker threads, and slices in
 * batches.
 */
package dev.galatea.engine.lane;
