/** What is kept of an identity: its latent, and the latent in the making of a request in hand. */
package dev.galatea.latent;
