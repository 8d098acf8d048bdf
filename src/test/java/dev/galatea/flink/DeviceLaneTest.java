package dev.galatea.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.galatea.refine.Intent;
import dev.galatea.refine.Refiner;
import dev.galatea.request.PictureFiles;
import dev.galatea.request.Request;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

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
  void aSliceThatThrowsFailsItsRowsAndNoOthers() throws Exception {
    controls.failNext(1);
    DeviceLane lane = DeviceLane.start(settings(refiners, 1));
    lane.offer(row("client", "anna", 4, false));
    assertThat(nextResult()).isInstanceOf(LaneResult.Failed.class);
    lane.offer(row("client", "anna", 4, false));
    assertThat(nextResult()).isInstanceOf(LaneResult.Ran.class);
    lane.stop();
  }

  @Test
  void aDeviceThatCannotBeOpenedFailsEveryRow() throws Exception {
    DeviceLane lane =
        DeviceLane.start(
            settings(
                () -> {
                  throw new IllegalStateException("no such device");
                },
                1));
    for (int i = 0; i < 3; i++) {
      lane.offer(row("client", "anna", 4, false));
      assertThat(nextResult())
          .isInstanceOfSatisfying(
              LaneResult.Failed.class,
              failed -> assertThat(failed.cause()).hasMessage("no such device"));
    }
    lane.stop();
  }

  @Test
  void equalSettingsShareOneLaneUntilTheLastLeaves() {
    LaneSettings settings = settings(refiners, 1);
    DeviceLane first = DeviceLanes.acquire(settings);
    assertThat(DeviceLanes.acquire(settings(refiners, 1))).isSameAs(first);
    assertThat(DeviceLanes.acquire(settings(refiners, 2))).isNotSameAs(first);
    DeviceLanes.release(settings(refiners, 2));
    DeviceLanes.release(settings);
    assertThat(DeviceLanes.acquire(settings)).isSameAs(first);
    DeviceLanes.release(settings);
    DeviceLanes.release(settings);
    await().until(() -> controls.openRefiners() == 0);
    assertThat(DeviceLanes.acquire(settings)).isNotSameAs(first);
    DeviceLanes.release(settings);
  }

  private static LaneSettings settings(RefinerFactory refiners, int batchSize) {
    return new LaneSettings(
        refiners,
        1,
        batchSize,
        Duration.ofSeconds(2),
        new PictureEncoding(PictureFiles.Format.PNG, 1),
        1,
        Duration.ofSeconds(30));
  }

  private LaneRow row(String client, String identity, int steps, boolean fresh) {
    Refiner.Row row =
        new Refiner.Row(
            identity,
            1,
            Request.Kind.PROMPT,
            Intent.NONE,
            Optional.empty(),
            Optional.empty(),
            steps,
            100);
    return new LaneRow(client, row, fresh, advanced -> true, results::add);
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
