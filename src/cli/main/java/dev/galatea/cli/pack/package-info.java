/** {@code galatea pack}: verifies packs. */
package dev.galatea.cli.pack;
