/** Picture files in and out: formats, orientation, colour, resampling. */
package dev.galatea.engine.picture;
