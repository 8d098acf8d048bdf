/**
 * Records as Avro bytes, in every version of the schemas in {@code schemas/}. {@link
 * dev.galatea.records.wire.Wire} is the entry.
 */
package dev.galatea.records.wire;
