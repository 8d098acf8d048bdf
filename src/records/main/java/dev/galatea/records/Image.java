package dev.galatea.records;

/** A picture on its way in: the bytes of a file, or the pixels that validation made of them. */
public sealed interface Image permits EncodedImage, Picture {}
