/**
 * What keeps a job from being started behind its own renders, or beside another. Nothing here is
 * API.
 */
package dev.galatea.kafka.internal.lineage;
