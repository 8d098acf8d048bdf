/**
 * The way to a device: a queue that is fair among identities, worker threads, and slices in
 * batches. Nothing here is API; what is public is used by the life of a request and by the operator
 * of a job.
 */
package dev.galatea.engine.lane;
