package dev.galatea.flink.internal;

import dev.galatea.engine.testing.RefinerControls;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;

/** Tests of the operator whose refiner each test controls by its own name. */
abstract class ControlledOperator {
  final Configuration config = RefineHarness.config();
  String name;
  RefinerControls controls;

  @BeforeEach
  void nameRefiner(TestInfo test) {
    name = test.getDisplayName();
    controls = RefinerControls.of(name);
  }
}
