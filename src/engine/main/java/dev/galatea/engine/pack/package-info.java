/**
 * Packs: a manifest and frozen networks, read, verified, loaded once per device and shared. The
 * contract is {@code docs/pack.md}.
 */
package dev.galatea.engine.pack;
