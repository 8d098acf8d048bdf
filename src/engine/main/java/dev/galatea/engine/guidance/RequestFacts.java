package dev.galatea.engine.guidance;

/**
 * What a request has that a guidance can pull towards.
 *
 * @param reproduces whether the request reproduces the photo, rather than edit the avatar
 * @param hasPhoto whether the identity has a photo
 * @param hasAvatar whether the request found an avatar
 * @param hasPrompt whether a prompt is in force
 * @param hasLight whether a light is in force
 */
public record RequestFacts(
    boolean reproduces, boolean hasPhoto, boolean hasAvatar, boolean hasPrompt, boolean hasLight) {}
