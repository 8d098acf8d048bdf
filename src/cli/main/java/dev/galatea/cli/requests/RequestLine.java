package dev.galatea.cli.requests;

import dev.galatea.records.Header;
import dev.galatea.records.Request;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One request of a request file. The picture of an image request is read when it is sent, so that a
 * long file does not fill the heap.
 *
 * @param number the line, from 1
 * @param identity whose avatar
 * @param requestId as given, or made from the line's number
 * @param steps gradient steps, where given
 * @param kind what it sets
 * @param label a few words for people
 * @param content the rest
 */
public record RequestLine(
    int number,
    String identity,
    String requestId,
    OptionalInt steps,
    Request.Kind kind,
    String label,
    Content content) {

  /** Makes the request, with what is particular to its kind. */
  @FunctionalInterface
  public interface Content {
    Request of(Header header) throws IOException;
  }

  /**
   * The request, made now.
   *
   * @throws IOException if its picture cannot be read
   */
  public Request request() throws IOException {
    return content.of(new Header(identity, requestId, Instant.now(), steps, Optional.empty()));
  }
}
