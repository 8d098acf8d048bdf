/**
 * What is kept of an avatar's shape: its latent, and the draft of a request in hand. Plain Java.
 */
package dev.galatea.engine.latent;
