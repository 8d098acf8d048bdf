package dev.galatea.engine.avatar;

import dev.galatea.engine.refine.Viewpoint;
import java.io.Serializable;
import java.util.List;

/**
 * What is shown of a request.
 *
 * @param previews which slices yield a preview
 * @param views where the pictures are taken from, in the refiner's order
 * @param maxBytes of a render's record
 */
public record RenderLimits(Previews previews, List<Viewpoint> views, int maxBytes)
    implements Serializable {
  public RenderLimits {
    Require.that(maxBytes >= 1, "a render must be allowed at least 1 byte");
    views = List.copyOf(views);
  }

  /** These limits with other previews. */
  RenderLimits with(Previews others) {
    return new RenderLimits(others, views, maxBytes);
  }
}
