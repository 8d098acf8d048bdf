/** Avatars as triangle meshes: from a pack's density to a file that viewers open. */
package dev.galatea.engine.mesh;
