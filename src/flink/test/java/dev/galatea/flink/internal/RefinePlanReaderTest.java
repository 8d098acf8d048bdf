package dev.galatea.flink.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.galatea.engine.avatar.RefinePlan;
import dev.galatea.engine.lane.LaneSettings;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.engine.picture.PictureFiles;
import dev.galatea.flink.Galatea;
import dev.galatea.flink.LaneOptions;
import dev.galatea.flink.RefineOptions;
import dev.galatea.records.Viewpoint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RefinePlanReaderTest {
  private static final Path PACK = Path.of("src/engine/test/resources/packs/tiny");

  @Test
  void optionsArriveInThePlan() throws Exception {
    Configuration config =
        Configuration.fromMap(
            Map.of(
                "galatea.pack", PACK.toString(),
                "galatea.render.views", "-0.35;0;0.35:0.1",
                "galatea.render.format", "jpeg",
                "galatea.refine.slice.time-limit", "750 ms",
                "galatea.refine.previews", "first_slice",
                "galatea.lane.device", "gpu:1"));
    RefinePlan plan =
        InstantiationUtil.clone(RefinePlanReader.plan(config, PackManifest.read(PACK)));

    assertThat(plan.renders().views())
        .isEqualTo(
            List.of(new Viewpoint(-0.35f, 0), new Viewpoint(0, 0), new Viewpoint(0.35f, 0.1f)));
    assertThat(plan.renders().previews()).isEqualTo(RefinePlan.Previews.FIRST_SLICE);
    assertThat(plan.lane().encoding().format()).isEqualTo(PictureFiles.Format.JPEG);
    assertThat(plan.lane().sliceLimit()).isEqualTo(Duration.ofMillis(750));
    assertThat(plan.lane().device()).isEqualTo("gpu:1");
    assertThat(plan.lane().memoryShare()).isEqualTo(0.9);
  }

  @Test
  void workersBatchAndWindowFollowTheDeviceUnlessTheyAreSet() {
    Configuration config = new Configuration().set(RefineOptions.PACK, PACK.toString());
    RefinePlan plan = RefinePlanReader.plan(config, PackManifest.read(PACK));
    LaneSettings gpu = plan.lane().on("gpu:0");
    int cores = Runtime.getRuntime().availableProcessors();

    assertThat(plan.lane().workerCount()).isEqualTo(cores);
    assertThat(plan.lane().maxBatch()).isEqualTo(1);
    assertThat(plan.slices().window().rows(plan.lane())).isEqualTo(2 * cores);
    assertThat(gpu.workerCount()).isEqualTo(1);
    assertThat(gpu.maxBatch()).isEqualTo(16);
    assertThat(plan.slices().window().rows(gpu)).isEqualTo(32);

    config.set(LaneOptions.WORKERS, 3).set(LaneOptions.BATCH_SIZE, 5);
    LaneSettings set = RefinePlanReader.plan(config, PackManifest.read(PACK)).lane();
    assertThat(set.workerCount()).isEqualTo(3).isEqualTo(set.on("gpu:0").workerCount());
    assertThat(set.maxBatch()).isEqualTo(5).isEqualTo(set.on("gpu:0").maxBatch());
  }

  @Test
  void aRenderMayBeAsLargeAsAKafkaRecordUnlessItIsSet() {
    Configuration config = new Configuration().set(RefineOptions.PACK, PACK.toString());
    PackManifest manifest = PackManifest.read(PACK);
    assertThat(RefinePlanReader.plan(config, manifest).renders().maxBytes()).isEqualTo(9 << 20);
    config.setString("galatea.kafka.max-record-size", "2 mb");
    assertThat(RefinePlanReader.plan(config, manifest).renders().maxBytes()).isEqualTo(2 << 20);
    config.setString("galatea.render.max-size", "1 mb");
    assertThat(RefinePlanReader.plan(config, manifest).renders().maxBytes()).isEqualTo(1 << 20);
  }

  @Test
  void equalOptionsMakeEqualLanes() {
    Configuration config = new Configuration().set(RefineOptions.PACK, PACK.toString());
    PackManifest manifest = PackManifest.read(PACK);
    assertThat(RefinePlanReader.plan(config, manifest).lane())
        .isEqualTo(RefinePlanReader.plan(config, manifest).lane());
  }

  @ParameterizedTest
  @CsvSource({
    "galatea.lane.device, tpu, must be cpu",
    "galatea.lane.workers, -1, galatea.lane.workers must be at least 1",
    "galatea.lane.batch-size, 0, galatea.lane.batch-size must be at least 1",
    "galatea.lane.memory-share, 1.5, galatea.lane.memory-share must be above 0",
    "galatea.refine.slice.steps, 0, galatea.refine.slice.steps must be at least 1",
    "galatea.refine.slice.time-limit, 0 s, galatea.refine.slice.time-limit must be at least 1 ms",
    "galatea.refine.inbox.per-subtask, 0, galatea.refine.inbox.per-subtask must be at least 1",
    "galatea.refine.attempts, 0, galatea.refine.attempts must be at least 1",
    "galatea.render.max-size, 3 gb, galatea.render.max-size is 3221225472 bytes",
    "galatea.refine.convergence, 1.5, convergence",
    "galatea.render.views, 0;left, 'left' is no view",
    "galatea.render.views, 0:2, '0:2' is no view",
    "galatea.render.views, 0:0:0, '0:0:0' is no view",
    "galatea.render.jpeg-quality, 0, galatea.render.jpeg-quality must be above 0",
    "galatea.request.prompt.max-chars, 0, must be above 0",
  })
  void aValueOutOfRangeIsNamed(String key, String value, String message) {
    Configuration config =
        Configuration.fromMap(Map.of("galatea.pack", PACK.toString(), key, value));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Galatea.with(config))
        .withMessageContaining(message);
  }

  @Test
  void aMissingPackIsNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Galatea.with(new Configuration()))
        .withMessage("galatea.pack must name the directory of a pack");
  }
}
