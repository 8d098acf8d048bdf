/** Resolves what a request asks for into tensors before the first step, and caches them. */
package dev.galatea.engine.refine.target;
