package dev.galatea.cli.requests;

import dev.galatea.records.Header;
import dev.galatea.records.request.Request;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/**
 * One request of a request file or of {@code --photo}. The picture of a photo request is read when
 * the request is sent, so that a long file does not fill the heap.
 *
 * @param place where it was asked for, such as {@code line 3}
 * @param identity whose avatar
 * @param requestId as given, or made from the line's number
 * @param steps gradient steps, where given
 * @param kind of the request
 * @param label a few words for people
 * @param content makes the request
 */
public record RequestLine(
    String place,
    String identity,
    String requestId,
    Optional<Integer> steps,
    Request.Kind kind,
    String label,
    Content content) {

  /** Makes a request of its kind. */
  @FunctionalInterface
  public interface Content {
    Request of(Header header) throws IOException;
  }

  /**
   * Makes the request.
   *
   * @throws IOException if its picture cannot be read
   */
  public Request request() throws IOException {
    return content.of(new Header(identity, requestId, Instant.now(), steps, Optional.empty()));
  }
}
