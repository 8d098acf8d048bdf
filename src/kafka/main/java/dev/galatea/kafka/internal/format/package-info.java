/** The configured form of values, and the registry that one of them asks. */
package dev.galatea.kafka.internal.format;
