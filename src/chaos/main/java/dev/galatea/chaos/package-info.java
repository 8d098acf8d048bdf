/**
 * Kills the parts of a running system at random, and checks what comes out. Not part of the
 * product.
 */
package dev.galatea.chaos;
