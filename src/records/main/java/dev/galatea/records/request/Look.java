package dev.galatea.records.request;

import static java.util.Objects.requireNonNull;

import dev.galatea.records.Camera;
import dev.galatea.records.Case;
import dev.galatea.records.Header;
import java.util.List;

/**
 * Asks for pictures of the avatar as it is. Takes no steps and makes no version.
 *
 * @param header who and when; without steps
 * @param cameras where the pictures are taken from
 */
public record Look(Header header, List<Camera> cameras) implements Command {
  public Look {
    requireNonNull(header, "header");
    cameras = List.copyOf(cameras);
  }

  @Override
  public <T, E extends Exception> T obeyed(
      Case<Forget, T, E> forget,
      Case<Cancel, T, E> cancel,
      Case<Revert, T, E> revert,
      Case<Adopt, T, E> adopt,
      Case<Look, T, E> look)
      throws E {
    return look.of(this);
  }

  @Override
  public Look withHeader(Header other) {
    return new Look(other, cameras);
  }
}
