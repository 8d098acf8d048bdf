/**
 * Verifies a pack: runs every network and every guidance and holds the results against the
 * contract.
 */
package dev.galatea.engine.verify;
