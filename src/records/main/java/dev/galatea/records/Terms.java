package dev.galatea.records;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How a request wants to be carried out.
 *
 * @param steps gradient steps that it grants; empty for the pack's default of its kind
 * @param deadline when it is of no use any more unless its first step has begun; carried to the
 *     millisecond
 * @param priority against requests of other identities
 * @param views where its pictures are taken from; none for the configured views
 */
public record Terms(
    Optional<Integer> steps, Optional<Instant> deadline, Priority priority, List<Viewpoint> views) {
  /** Of a request that leaves everything to the job. */
  public static final Terms DEFAULTS =
      new Terms(Optional.empty(), Optional.empty(), Priority.NORMAL, List.of());

  public Terms {
    requireNonNull(steps, "steps");
    requireNonNull(deadline, "deadline");
    requireNonNull(priority, "priority");
    views = List.copyOf(views);
  }

  /** These terms with another budget. */
  public Terms withSteps(Optional<Integer> granted) {
    return new Terms(granted, deadline, priority, views);
  }

  /** These terms with a deadline. */
  public Terms by(Instant latest) {
    return new Terms(steps, Optional.of(latest), priority, views);
  }

  /** These terms with another priority. */
  public Terms at(Priority other) {
    return new Terms(steps, deadline, other, views);
  }

  /** These terms with views of the request's own. */
  public Terms from(List<Viewpoint> own) {
    return new Terms(steps, deadline, priority, own);
  }
}
