/** The commands of {@code ./galatea}. */
package dev.galatea.cli;
