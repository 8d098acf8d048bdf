package dev.galatea.records;

/** The bytes of a PNG, JPEG or WebP file. Compared by identity: it is carried, never looked up. */
public record EncodedImage(byte[] bytes) implements Image {}
