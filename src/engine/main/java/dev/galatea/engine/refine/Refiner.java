package dev.galatea.engine.refine;

import dev.galatea.engine.latent.Avatar;
import dev.galatea.engine.latent.Draft;
import dev.galatea.engine.latent.Latent;
import dev.galatea.records.Camera;
import dev.galatea.records.Case;
import dev.galatea.records.Picture;
import dev.galatea.records.Viewpoint;
import dev.galatea.records.request.Request;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Moves latents along the gradient of the losses that requests ask for. Pure: the outcome is a
 * function of the row, on any machine and in any batch (rows of a slice do not touch each other
 * beyond rounding). Confined to the thread that opened it.
 */
public interface Refiner extends AutoCloseable {

  /**
   * Runs a bounded number of gradient steps for each row.
   *
   * @param rows at most the configured batch; each with at least one step to run
   * @param limit wall-clock bound; once it has passed, no further step is begun. At least one step
   *     is always run
   * @return one outcome for each row, in their order
   * @throws DeviceMemoryException if the device's memory does not hold these rows
   */
  List<Outcome> refine(List<Row> rows, Duration limit);

  /**
   * How many rows one call should have at most, by the device's free memory. May run steps to find
   * out, so ask once, before the first slice.
   *
   * @param most bound of the answer, at least 1 and at most the configured batch
   * @param memoryShare share of the free memory that this refiner may take, above 0 and up to 1
   * @return from 1 to {@code most}; {@code most} where memory sets no limit
   */
  default int capacity(int most, double memoryShare) {
    return most;
  }

  /**
   * Pictures of a latent as it is.
   *
   * @param cameras where from; none for the configured views
   * @return a picture for each camera or view, in their order
   * @throws DeviceMemoryException if the device's memory does not hold the latent's planes
   */
  List<Picture> look(Latent latent, List<Camera> cameras);

  /** Lets go of all that is kept of earlier rows, such as the features of their photos. */
  default void clearCaches() {}

  @Override
  void close();

  /**
   * One identity's share of a slice.
   *
   * @param identity seeds the row's random numbers together with version and step
   * @param version the version that the request in hand will complete
   * @param kind the kind of the request in hand, which chooses the pack's weights
   * @param intent all that is asked for, the request in hand included
   * @param avatar the latent before the request; empty for a new identity
   * @param draft progress of earlier slices; empty at the first slice of the request
   * @param steps the most steps to run now
   * @param budget all steps of the request, which schedules are stretched over
   * @param views where the outcome's pictures are taken from; none for the configured views
   */
  record Row(
      String identity,
      long version,
      Request.Kind kind,
      Intent intent,
      Optional<Avatar> avatar,
      Optional<Draft> draft,
      int steps,
      int budget,
      List<Viewpoint> views) {

    /** A row that is shown from the configured views. */
    public Row(
        String identity,
        long version,
        Request.Kind kind,
        Intent intent,
        Optional<Avatar> avatar,
        Optional<Draft> draft,
        int steps,
        int budget) {
      this(identity, version, kind, intent, avatar, draft, steps, budget, List.of());
    }

    /** This row with other steps to run now. */
    public Row withSteps(int most) {
      return new Row(identity, version, kind, intent, avatar, draft, most, budget, views);
    }

    /** This row with another draft; an empty one begins the request again. */
    public Row withDraft(Optional<Draft> reached) {
      return new Row(identity, version, kind, intent, avatar, reached, steps, budget, views);
    }
  }

  /** What became of a row. */
  sealed interface Outcome permits Advanced, Diverged {

    /** The answer for this outcome. A new outcome does not compile until all have answered. */
    <T, E extends Exception> T match(Case<Advanced, T, E> advanced, Case<Diverged, T, E> diverged)
        throws E;
  }

  /**
   * The row moved.
   *
   * @param draft the new latent; {@code draft.step()} tells how far it came
   * @param converged whether further steps would change nothing that matters
   * @param losses unweighted loss of each guidance at the last step, by its kebab-case name
   * @param views pictures of the new latent, in the order of the row's views or the configured ones
   */
  record Advanced(Draft draft, boolean converged, Map<String, Float> losses, List<Picture> views)
      implements Outcome {
    @Override
    public <T, E extends Exception> T match(
        Case<Advanced, T, E> advanced, Case<Diverged, T, E> diverged) throws E {
      return advanced.of(this);
    }
  }

  /**
   * A loss or the latent was no longer finite.
   *
   * @param step the step, from 0, at which this was seen
   * @param message what was not finite
   */
  record Diverged(int step, String message) implements Outcome {
    @Override
    public <T, E extends Exception> T match(
        Case<Advanced, T, E> advanced, Case<Diverged, T, E> diverged) throws E {
      return diverged.of(this);
    }
  }
}
