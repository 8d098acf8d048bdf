package dev.galatea.testkit;

import dev.galatea.engine.testing.ArithmeticRefiner;
import java.time.Duration;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;

/** How the kit is set up: made by {@link GalateaExtension#builder}. */
public final class GalateaExtensionBuilder {
  final Configuration overrides = new Configuration();
  int parallelism = 2;
  boolean kafka;
  boolean networks = true;
  Duration patience = Duration.ofSeconds(60);

  GalateaExtensionBuilder() {}

  /**
   * Starts jobs with another parallelism than 2.
   *
   * @param subtasks from 1 to {@link TestCluster#SLOTS}
   */
  public GalateaExtensionBuilder parallelism(int subtasks) {
    checkParallelism(subtasks);
    parallelism = subtasks;
    return this;
  }

  /** Sets an option of Galatea's or Flink's, in place of the kit's value. */
  public <T> GalateaExtensionBuilder set(ConfigOption<T> option, T value) {
    overrides.set(option, value);
    return this;
  }

  /**
   * Starts a Kafka broker in this process too.
   *
   * @throws IllegalStateException if the artifact {@code galatea-embedded} is not on the class path
   */
  public GalateaExtensionBuilder withKafka() {
    Broker.require();
    kafka = true;
    return this;
  }

  /**
   * Refines in closed form, without libtorch: exact and quick. See {@link ArithmeticRefiner} for
   * what its renders hold.
   */
  public GalateaExtensionBuilder withoutNetworks() {
    networks = false;
    return this;
  }

  /** Waits up to this time, above 0, where a method awaits something; 60 s unless told. */
  public GalateaExtensionBuilder patience(Duration limit) {
    patience = limit;
    return this;
  }

  /** The extension, for a static field with {@code @RegisterExtension}. */
  public GalateaExtension build() {
    return new GalateaExtension(this);
  }

  static void checkParallelism(int subtasks) {
    if (subtasks < 1 || subtasks > TestCluster.SLOTS) {
      throw new IllegalArgumentException(
          "the parallelism is 1 to %d, the kit's slots, not %d"
              .formatted(TestCluster.SLOTS, subtasks));
    }
  }
}
