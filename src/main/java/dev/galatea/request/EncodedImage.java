package dev.galatea.request;

/** The bytes of a PNG, JPEG or WebP file. Compared by identity: it is carried, never looked up. */
public record EncodedImage(byte[] bytes) implements Image {}
