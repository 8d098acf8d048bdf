package dev.galatea.records.request;

import static java.util.Objects.requireNonNull;

import dev.galatea.records.Case;
import dev.galatea.records.Header;
import dev.galatea.records.result.LatestAvatar;

/**
 * Takes over an avatar that another job with the same pack made; it becomes the identity's next
 * version.
 *
 * @param header who and when; without steps
 * @param avatar what is known of it; without its picture, which is drawn anew
 */
public record Adopt(Header header, LatestAvatar.Known avatar) implements Command {
  public Adopt {
    requireNonNull(header, "header");
    avatar = avatar.withoutPicture();
  }

  @Override
  public <T, E extends Exception> T obeyed(
      Case<Forget, T, E> forget,
      Case<Cancel, T, E> cancel,
      Case<Revert, T, E> revert,
      Case<Adopt, T, E> adopt,
      Case<Look, T, E> look)
      throws E {
    return adopt.of(this);
  }

  @Override
  public Adopt withHeader(Header other) {
    return new Adopt(other, avatar);
  }
}
