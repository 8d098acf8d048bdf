/** {@code galatea refine}: from request lines to pictures and avatars, without a stream. */
package dev.galatea.cli.refine;
