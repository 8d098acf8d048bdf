/**
 * What goes in and comes out: requests, renders and rejects as records, their Avro wire format, and
 * the validation that keeps everything else from ever seeing bad input. Imports only the JDK, Avro
 * and the image readers.
 */
package dev.galatea.request;
