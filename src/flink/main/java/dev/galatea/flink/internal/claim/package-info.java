/** Reads the pictures that requests refer to. {@code ImageReader} is the entry. */
package dev.galatea.flink.internal.claim;
