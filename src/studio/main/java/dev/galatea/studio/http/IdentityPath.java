package dev.galatea.studio.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * An identity as a segment of a path: {@code ~} and base64url of its UTF-8, since an identity may
 * be {@code ..} or hold a slash. Another segment than such is the identity itself.
 */
final class IdentityPath {
  private static final String MARK = "~";

  private IdentityPath() {}

  static String of(String identity) {
    return MARK
        + Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(identity.getBytes(StandardCharsets.UTF_8));
  }

  /** The identity that a segment names; empty if it is no base64url of UTF-8. */
  static Optional<String> read(String segment) {
    if (!segment.startsWith(MARK)) {
      return Optional.of(segment);
    }
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(segment.substring(MARK.length()));
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (IllegalArgumentException | CharacterCodingException e) {
      return Optional.empty();
    }
  }
}
