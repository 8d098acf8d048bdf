/**
 * Frozen networks and what their manifest says of them: read, verified, probed, loaded once per
 * device and shared. The contract is {@code docs/pack.md}.
 */
package dev.galatea.pack;
