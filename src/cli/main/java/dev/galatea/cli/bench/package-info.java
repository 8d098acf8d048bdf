/** {@code galatea bench}: how fast Galatea is. */
package dev.galatea.cli.bench;
