package dev.galatea.engine.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.galatea.engine.pack.TestPacks;
import dev.galatea.engine.picture.PictureFiles;
import dev.galatea.engine.refine.Intent;
import dev.galatea.engine.refine.PackRefinerFactory;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.engine.refine.RefinerFactory;
import dev.galatea.engine.refine.RefinerSettings;
import dev.galatea.engine.testing.ArithmeticRefiner;
import dev.galatea.engine.testing.RefinerControls;
import dev.galatea.records.request.Request;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DeviceLaneTest {
  private final BlockingQueue<LaneResult> results = new LinkedBlockingQueue<>();
  private RefinerControls controls;
  private RefinerFactory refiners;

  @BeforeEach
  void nameRefiner(TestInfo test) {
    controls = RefinerControls.of(test.getDisplayName());
    refiners = RefinerControls.factory(test.getDisplayName());
  }

  @Test
  void rowsOfSeveralClientsShareASlice() throws Exception {
    DeviceLane lane = DeviceLane.start(settings(refiners, 4));
    controls.hold();
    lane.offer(row("first", "anna", 8, false));
    await().until(() -> controls.waiting() == 1);
    for (int i = 0; i < 5; i++) {
      lane.offer(row("client-" + i, "head-" + i, 8, false));
    }
    controls.free();
    for (int i = 0; i < 6; i++) {
      assertThat(nextResult()).isInstanceOf(LaneResult.Ran.class);
    }
    lane.stop();
    assertThat(controls.slices()).extracting(List::size).containsExactly(1, 4, 1);
    assertThat(lane.busyNanos()).isPositive();
  }

  @Test
  void aSliceWithAFreshRowIsShortForAll() throws Exception {
    DeviceLane lane = DeviceLane.start(settings(refiners, 4));
    controls.hold();
    lane.offer(row("first", "anna", 8, false));
    await().until(() -> controls.waiting() == 1);
    lane.offer(row("a", "ben", 16, false));
    lane.offer(row("b", "cleo", 4, true));
    controls.free();
    for (int i = 0; i < 3; i++) {
      nextResult();
    }
    lane.stop();
    assertThat(controls.slices().get(1)).extracting(Refiner.Row::steps).containsExactly(4, 4);
  }

  @Test
  void rowsOfAClientThatLeftAreDropped() throws Exception {
    DeviceLane lane = DeviceLane.start(settings(refiners, 1));
    controls.hold();
    lane.offer(row("stays", "anna", 4, false));
    await().until(() -> controls.waiting() == 1);
    lane.offer(row("leaves", "ben", 4, false));
    lane.offer(row("stays", "cleo", 4, false));
    lane.withdraw("leaves");
    controls.free();
    nextResult();
    nextResult();
    lane.stop();
    assertThat(controls.slices())
        .flatExtracting(s -> s)
        .extracting(Refiner.Row::identity)
        .containsExactly("anna", "cleo");
  }

  @Test
  void stoppingWaitsForTheRunningSlice() throws Exception {
    DeviceLane lane = DeviceLane.start(settings(refiners, 1));
    controls.hold();
    lane.offer(row("client", "anna", 4, false));
    await().until(() -> controls.waiting() == 1);
    CompletableFuture<Void> stopped = CompletableFuture.runAsync(lane::stop);
    Thread.State held = Thread.State.WAITING;
    await()
        .until(
            () -> threadIn("joinUninterruptibly").map(Thread::getState).equals(Optional.of(held)));
    assertThat(stopped).isNotDone();
    controls.free();
    stopped.get(10, TimeUnit.SECONDS);
    assertThat(controls.openRefiners()).isZero();
  }

  @Test
  void aRowThatThrowsAloneIsToBlameAndTheLaneGoesOn() throws Exception {
    controls.failNext(1);
    DeviceLane lane = DeviceLane.start(settings(refiners, 1));
    lane.offer(row("client", "anna", 4, false));
    assertThat(nextResult())
        .isInstanceOfSatisfying(
            LaneResult.RowFailed.class,
            failed -> assertThat(failed.cause()).hasMessage("the device has failed"));
    lane.offer(row("client", "anna", 4, false));
    assertThat(nextResult()).isInstanceOf(LaneResult.Ran.class);
    lane.stop();
    assertThat(controls.devices()).as("refiners opened").hasSize(2);
    assertThat(controls.openRefiners()).isZero();
  }

  @Test
  void aBatchThatThrowsIsRunRowByRowAndOnlyItsPoisonIsToBlame() throws Exception {
    DeviceLane lane = DeviceLane.start(settings(refiners, 4));
    controls.hold();
    lane.offer(row("client", "head-0", 8, false));
    await().until(() -> controls.waiting() == 1);
    lane.offer(row("client", "head-1", 8, false));
    lane.offer(row("client", "head-2", poison(), 8, false));
    lane.offer(row("client", "head-3", 8, false));
    controls.free();
    List<LaneResult> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      all.add(nextResult());
    }
    lane.stop();
    assertThat(all).filteredOn(LaneResult.RowFailed.class::isInstance).hasSize(1);
    assertThat(all).filteredOn(LaneResult.Ran.class::isInstance).hasSize(3);
    assertThat(controls.slices()).extracting(List::size).containsExactly(1, 3, 1, 1, 1);
    assertThat(lane.batchLimit()).isEqualTo(4);
  }

  @Test
  void aDeviceThatBreaksIsToBlameAndNoRow() throws Exception {
    DeviceLane lane = DeviceLane.start(settings(refiners, 4));
    controls.hold();
    lane.offer(row("client", "head-0", 8, false));
    await().until(() -> controls.waiting() == 1);
    lane.offer(row("client", "head-1", 8, false));
    lane.offer(row("client", "head-2", 8, false));
    controls.breakDevice();
    controls.free();
    for (int i = 0; i < 3; i++) {
      assertThat(nextResult())
          .isInstanceOfSatisfying(
              LaneResult.DeviceFailed.class,
              failed -> assertThat(failed.cause()).hasMessage("the device is broken"));
    }
    lane.stop();
  }

  private static Intent poison() {
    Intent.PromptText text = new Intent.PromptText(ArithmeticRefiner.POISON, "", 1);
    return new Intent(Optional.empty(), Optional.of(text), Optional.empty());
  }

  @Test
  void aDeviceThatCannotBeOpenedFailsEveryRow() throws Exception {
    DeviceLane lane =
        DeviceLane.start(
            settings(
                (device, maxBatch) -> {
                  throw new IllegalStateException("no such device");
                },
                1));
    for (int i = 0; i < 3; i++) {
      lane.offer(row("client", "anna", 4, false));
      assertThat(nextResult())
          .isInstanceOfSatisfying(
              LaneResult.DeviceFailed.class,
              failed -> assertThat(failed.cause()).hasMessage("no such device"));
    }
    lane.stop();
  }

  @Test
  void aSliceThatRunsOutOfMemoryIsRunInHalvesAndNoRowIsLost() throws Exception {
    DeviceLane lane = DeviceLane.start(settings(refiners, 8));
    controls.fit(3);
    offerAtOnce(lane, 16);
    for (int i = 0; i < 16; i++) {
      assertThat(nextResult()).isInstanceOf(LaneResult.Ran.class);
    }
    lane.stop();
    assertThat(controls.slices())
        .extracting(List::size)
        .containsExactly(1, 8, 4, 2, 2, 4, 2, 2, 2, 2, 2, 1);
    assertThat(controls.slices().stream().filter(slice -> slice.size() <= 3))
        .flatExtracting(slice -> slice)
        .extracting(Refiner.Row::identity)
        .containsExactlyElementsOf(identities(16));
    assertThat(lane.outOfMemory()).isEqualTo(3).isEqualTo(controls.outOfMemory());
    assertThat(lane.batchLimit()).isEqualTo(2);
  }

  @Test
  void aRowThatDoesNotFitAloneIsHandedBackAndTheLaneGoesOn() throws Exception {
    DeviceLane lane = DeviceLane.start(settings(refiners, 2));
    controls.fit(0);
    offerAtOnce(lane, 2);
    assertThat(nextResult()).isInstanceOf(LaneResult.TooLarge.class);
    assertThat(nextResult()).isInstanceOf(LaneResult.TooLarge.class);
    controls.fit(1);
    lane.offer(row("client", "anna", 4, false));
    assertThat(nextResult()).isInstanceOf(LaneResult.Ran.class);
    lane.stop();
  }

  @Test
  void oneRowThatIsTooLargeDoesNotMakeLaterSlicesSmaller() throws Exception {
    DeviceLane lane = DeviceLane.start(settings(refiners, 8));
    controls.refuse("head-3");
    offerAtOnce(lane, 17);
    List<LaneResult> all = new ArrayList<>();
    for (int i = 0; i < 17; i++) {
      all.add(nextResult());
    }
    lane.stop();
    assertThat(all).filteredOn(LaneResult.TooLarge.class::isInstance).hasSize(1);
    assertThat(all).filteredOn(LaneResult.Ran.class::isInstance).hasSize(16);
    assertThat(controls.slices()).extracting(List::size).containsExactly(1, 8, 4, 2, 2, 1, 1, 4, 8);
    assertThat(lane.batchLimit()).isEqualTo(8);
  }

  @Test
  void libtorchItselfMayRunOutOfMemory(@TempDir Path directory) throws Exception {
    RefinerFactory greedy =
        new PackRefinerFactory(
            TestPacks.copyWithGreedyPrior(directory).toString(), RefinerSettings.DEFAULTS);
    DeviceLane lane = DeviceLane.start(settings(greedy, 5));
    for (String identity : identities(12)) {
      lane.offer(promptRow(identity));
    }
    for (int i = 0; i < 12; i++) {
      assertThat(nextResult())
          .isInstanceOfSatisfying(
              LaneResult.Ran.class,
              ran -> assertThat(ran.outcome()).isInstanceOf(Refiner.Advanced.class));
    }
    lane.stop();
    assertThat(lane.outOfMemory()).isPositive();
    assertThat(lane.batchLimit()).isEqualTo(2);
  }

  @Test
  void batchesHaveNoMoreRowsThanTheDeviceWasFoundToHold() throws Exception {
    controls.measure(3);
    DeviceLane lane = DeviceLane.start(settings(refiners, 8));
    offerAtOnce(lane, 8);
    for (int i = 0; i < 8; i++) {
      assertThat(nextResult()).isInstanceOf(LaneResult.Ran.class);
    }
    lane.stop();
    assertThat(controls.slices()).extracting(List::size).containsExactly(1, 3, 3, 1);
    assertThat(lane.outOfMemory()).isZero();
  }

  @Test
  void equalSettingsShareOneLaneUntilTheLastLeaves() {
    List<LaneSettings> one = List.of(settings(refiners, 1));
    DeviceLane first = LaneRegistry.acquire(one);
    assertThat(LaneRegistry.acquire(List.of(settings(refiners, 1)))).isSameAs(first);
    DeviceLane other = LaneRegistry.acquire(List.of(settings(refiners, 2)));
    assertThat(other).isNotSameAs(first);
    LaneRegistry.release(other);
    LaneRegistry.release(first);
    assertThat(LaneRegistry.acquire(one)).isSameAs(first);
    LaneRegistry.release(first);
    LaneRegistry.release(first);
    await().until(() -> controls.openRefiners() == 0);
    DeviceLane anew = LaneRegistry.acquire(one);
    assertThat(anew).isNotSameAs(first);
    LaneRegistry.release(anew);
  }

  @Test
  void aLaneWhoseDeviceFailedTakesNoFurtherClients() throws Exception {
    List<LaneSettings> one = List.of(settings(refiners, 1));
    DeviceLane broken = LaneRegistry.acquire(one);
    await().until(() -> controls.openRefiners() == 1);
    controls.failDevice();
    broken.offer(row("client", "anna", 4, false));
    assertThat(nextResult()).isInstanceOf(LaneResult.DeviceFailed.class);
    await().until(broken::hasFailed);

    DeviceLane anew = LaneRegistry.acquire(one);
    assertThat(anew).isNotSameAs(broken);
    LaneRegistry.release(broken);
    assertThat(LaneRegistry.acquire(one)).isSameAs(anew);
    anew.offer(row("client", "anna", 4, false));
    assertThat(nextResult()).isInstanceOf(LaneResult.Ran.class);
    LaneRegistry.release(anew);
    LaneRegistry.release(anew);
    await().until(() -> controls.openRefiners() == 0);
  }

  @Test
  void subtasksSpreadOverTheDevicesOfTheirProcess() {
    LaneSettings settings = settings(refiners, 1);
    List<LaneSettings> devices = List.of(settings.on("gpu:0"), settings.on("gpu:1"));
    List<DeviceLane> lanes = new ArrayList<>();
    for (int subtask = 0; subtask < 4; subtask++) {
      lanes.add(LaneRegistry.acquire(devices));
    }
    assertThat(lanes)
        .extracting(lane -> lane.settings().device())
        .containsExactly("gpu:0", "gpu:1", "gpu:0", "gpu:1");
    lanes.forEach(LaneRegistry::release);
    await().until(() -> controls.openRefiners() == 0);
    assertThat(controls.devices()).containsExactlyInAnyOrder("gpu:0", "gpu:1");
  }

  /** The first row rides alone, and the rest are there when it is done. */
  private void offerAtOnce(DeviceLane lane, int rows) {
    List<String> identities = identities(rows);
    controls.hold();
    lane.offer(row("client", identities.get(0), 8, false));
    await().until(() -> controls.waiting() == 1);
    identities.subList(1, rows).forEach(name -> lane.offer(row("client", name, 8, false)));
    controls.free();
  }

  private static List<String> identities(int count) {
    return IntStream.range(0, count).mapToObj(i -> "head-" + i).toList();
  }

  private static LaneSettings settings(RefinerFactory refiners, int batchSize) {
    return new LaneSettings(
        refiners,
        LaneSettings.CPU,
        LaneSettings.Count.of(1),
        LaneSettings.Count.of(batchSize),
        1,
        Duration.ofSeconds(2),
        new PictureFiles.Encoding(PictureFiles.Format.PNG, 1),
        1,
        Duration.ofSeconds(30));
  }

  private LaneRow row(String client, String identity, int steps, boolean fresh) {
    return row(client, identity, Intent.NONE, steps, fresh);
  }

  private LaneRow promptRow(String identity) {
    Intent.PromptText prompt = new Intent.PromptText("red hair", "", 1);
    Intent intent = new Intent(Optional.empty(), Optional.of(prompt), Optional.empty());
    return row("client", identity, intent, 1, false);
  }

  private LaneRow row(String client, String identity, Intent intent, int steps, boolean fresh) {
    Refiner.Row row =
        new Refiner.Row(
            identity,
            1,
            Request.Kind.PROMPT,
            intent,
            Optional.empty(),
            Optional.empty(),
            steps,
            100);
    SliceQueue.Place first = SliceQueue.Place.first(0);
    return new LaneRow(
        client, row, fresh ? first : first.later(100), advanced -> true, results::add);
  }

  private LaneResult nextResult() throws InterruptedException {
    return results.take();
  }

  private static Optional<Thread> threadIn(String method) {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(
            thread ->
                List.of(thread.getValue()).stream()
                    .anyMatch(frame -> frame.getMethodName().equals(method)))
        .map(java.util.Map.Entry::getKey)
        .findFirst();
  }
}
