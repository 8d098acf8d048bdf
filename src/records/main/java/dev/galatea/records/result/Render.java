package dev.galatea.records.result;

import dev.galatea.records.Camera;
import dev.galatea.records.HeadCrop;
import dev.galatea.records.PackId;
import dev.galatea.records.RecordHeader;
import dev.galatea.records.request.Request;
import dev.galatea.records.request.Revert;
import dev.galatea.records.request.Understood;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The pictures of an avatar at a version. The final renders of an identity carry contiguous
 * versions from 1; the previews on the way to version n carry n and the steps done so far.
 *
 * @param identity whose avatar
 * @param requestId the request or {@link Revert} that this render answers
 * @param kind what that is
 * @param version number of completed requests and reverts of the identity, this one included
 * @param stage preview or final
 * @param steps gradient steps spent on the request so far
 * @param budget gradient steps that the request was granted
 * @param converged whether refinement ended before the budget because nothing changed any more
 * @param scores unweighted loss of each guidance that ran, by its kebab-case name
 * @param views the pictures, one for each view asked for
 * @param photo what was made of the request's photograph; empty if its picture was sent aligned, or
 *     the request is of another kind
 * @param understood what the pack makes of the request's prompt; empty of a blank text, where the
 *     pack does not tell, and of other kinds of request
 * @param headers what the request's Kafka record carried beside key and value
 * @param pack that drew the pictures; empty where the refiner has none, and from releases that did
 *     not tell
 * @param requestedAt when the producer made the request
 * @param renderedAt when the pictures were made
 */
public record Render(
    String identity,
    String requestId,
    Kind kind,
    long version,
    Stage stage,
    int steps,
    int budget,
    boolean converged,
    Map<String, Float> scores,
    List<View> views,
    Optional<Photo> photo,
    Optional<Understood> understood,
    List<RecordHeader> headers,
    Optional<PackId> pack,
    Instant requestedAt,
    Instant renderedAt) {

  /** What a render answers. */
  public enum Kind {
    IMAGE,
    PROMPT,
    LIGHT,
    REVERT,
    /** An avatar of another job was taken over. */
    ADOPT;

    /** The kind of a render that answers a request of that kind. */
    public static Kind of(Request.Kind kind) {
      return valueOf(kind.name());
    }
  }

  /** Whether a request's budget is still being spent, or done. */
  public enum Stage {
    PREVIEW,
    FINAL
  }

  /**
   * What was made of a photograph.
   *
   * @param crop the square that was cut out of it
   * @param camera the estimated camera of that square
   */
  public record Photo(HeadCrop crop, Camera camera) {}

  /**
   * One picture.
   *
   * @param yaw radians, positive towards the right of the frontal picture
   * @param pitch radians, positive upwards
   * @param mediaType {@code image/png} or {@code image/jpeg}
   * @param image the encoded picture
   */
  public record View(float yaw, float pitch, String mediaType, byte[] image) {}
}
