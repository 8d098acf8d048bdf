/**
 * Requests, renders and rejects as records: what a producer sends and a consumer reads. The wire
 * format is in {@link dev.galatea.records.wire}. Everything public here is API.
 */
package dev.galatea.records;
