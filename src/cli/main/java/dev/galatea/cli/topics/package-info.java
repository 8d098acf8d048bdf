/** A shell's way to the topics: to send requests, and to watch what comes. */
package dev.galatea.cli.topics;
