/** OpenCV: loads its native part for pictures and photographs. */
package dev.galatea.engine.opencv;
