/** The studio: of a command of its own, and beside other commands. */
package dev.galatea.cli.studio;
