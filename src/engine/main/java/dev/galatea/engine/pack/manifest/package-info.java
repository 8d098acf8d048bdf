/** {@code pack.json}: read, verified, and trusted by everybody else. */
package dev.galatea.engine.pack.manifest;
