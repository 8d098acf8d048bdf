package dev.galatea.engine.avatar;

import dev.galatea.engine.latent.Avatar;
import dev.galatea.engine.latent.Draft;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.records.Case;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.util.Optional;

/** What becomes of the request in hand after a slice. */
public sealed interface Transition {

  /** The answer for this transition. A new one does not compile until all have answered. */
  default <T, E extends Exception> T match(
      Case<Moved, T, E> moved,
      Case<Completed, T, E> completed,
      Case<GivenUp, T, E> givenUp,
      Case<TriedAgain, T, E> triedAgain,
      Case<DeviceLost, T, E> deviceLost)
      throws E {
    return match(new TransitionCases<>(moved, completed, givenUp, triedAgain, deviceLost));
  }

  /** The answer of the case that this is. */
  <T, E extends Exception> T match(TransitionCases<T, E> cases) throws E;

  /** An answer for each case. */
  record TransitionCases<T, E extends Exception>(
      Case<Moved, T, E> moved,
      Case<Completed, T, E> completed,
      Case<GivenUp, T, E> givenUp,
      Case<TriedAgain, T, E> triedAgain,
      Case<DeviceLost, T, E> deviceLost) {}

  /**
   * Steps are left; the request joins the queue again.
   *
   * @param row what was run
   * @param advanced what the slice came to
   * @param draft to go on from
   * @param preview what is shown meanwhile
   */
  record Moved(Refiner.Row row, Refiner.Advanced advanced, Draft draft, Optional<Render> preview)
      implements Transition {
    @Override
    public <T, E extends Exception> T match(TransitionCases<T, E> cases) throws E {
      return cases.moved().of(this);
    }
  }

  /**
   * The request is done. Its latent becomes the avatar's.
   *
   * @param row what was run last
   * @param advanced what that slice came to
   * @param avatar the identity's from now on
   * @param render the final pictures
   * @param latest what is published of the avatar
   */
  record Completed(
      Refiner.Row row, Refiner.Advanced advanced, Avatar avatar, Render render, LatestAvatar latest)
      implements Transition {
    @Override
    public <T, E extends Exception> T match(TransitionCases<T, E> cases) throws E {
      return cases.completed().of(this);
    }
  }

  /** The request cannot be carried out. The avatar is as it was before. */
  record GivenUp(Reject reject) implements Transition {
    @Override
    public <T, E extends Exception> T match(TransitionCases<T, E> cases) throws E {
      return cases.givenUp().of(this);
    }
  }

  /** The slice failed and may be run again; the failure counts against the request. */
  record TriedAgain() implements Transition {
    @Override
    public <T, E extends Exception> T match(TransitionCases<T, E> cases) throws E {
      return cases.triedAgain().of(this);
    }
  }

  /** The slice failed through no fault of the request, and nothing counts against it. */
  record DeviceLost(Throwable cause) implements Transition {
    @Override
    public <T, E extends Exception> T match(TransitionCases<T, E> cases) throws E {
      return cases.deviceLost().of(this);
    }
  }
}
