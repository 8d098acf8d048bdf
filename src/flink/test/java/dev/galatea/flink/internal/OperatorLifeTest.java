package dev.galatea.flink.internal;

import dev.galatea.records.request.Request;
import java.util.List;
import org.apache.flink.configuration.Configuration;

/** The operator of a job keeps to the life of a request. */
class OperatorLifeTest extends RequestLifeContract {
  @Override
  Lived live(Configuration config, String refiner, List<? extends Request> requests)
      throws Exception {
    try (RefineHarness harness = RefineHarness.open(config, refiner)) {
      harness.acceptAll(requests);
      harness.finish();
      return new Lived(harness.finals(), harness.previews(), harness.rejects());
    }
  }
}
