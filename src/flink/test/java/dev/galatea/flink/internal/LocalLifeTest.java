package dev.galatea.flink.internal;

import dev.galatea.engine.avatar.AvatarSnapshot;
import dev.galatea.engine.avatar.LocalRefinement;
import dev.galatea.engine.validate.RequestLimits;
import dev.galatea.flink.Galatea;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.apache.flink.configuration.Configuration;

/** Refinement without a stream keeps to the life of a request. */
class LocalLifeTest extends RequestLifeContract {
  @Override
  Lived live(Configuration config, String refiner, List<? extends Request> requests)
      throws Exception {
    List<Render> finals = new ArrayList<>();
    List<Render> previews = new ArrayList<>();
    List<Reject> rejects = new ArrayList<>();
    try (LocalRefinement local = galatea(config, refiner).openLocal()) {
      AvatarSnapshot reached = AvatarSnapshot.NONE;
      for (Request request : requests) {
        AvatarSnapshot before = reached;
        reached =
            local
                .carryOut(request, before, previews::add)
                .match(
                    done -> {
                      finals.add(done.render());
                      return done.snapshot();
                    },
                    rejected -> {
                      rejects.add(rejected.reject());
                      return before;
                    });
      }
    }
    return new Lived(finals, previews, rejects);
  }

  private static Galatea galatea(Configuration config, String refiner) {
    return new Galatea(
        RequestLimits.defaults(4, EnumSet.allOf(Request.Kind.class)),
        1024,
        RefineHarness.plan(config, refiner));
  }
}
