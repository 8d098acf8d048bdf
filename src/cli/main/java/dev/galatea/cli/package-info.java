/** The commands of {@code ./galatea}, one folder each. */
package dev.galatea.cli;
