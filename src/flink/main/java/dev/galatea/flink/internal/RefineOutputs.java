package dev.galatea.flink.internal;

import dev.galatea.engine.avatar.Transition;
import dev.galatea.engine.avatar.VersionLife;
import dev.galatea.engine.lane.LaneResult;
import dev.galatea.flink.Galatea;
import dev.galatea.flink.internal.metrics.RefineMetrics;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Accepted;
import dev.galatea.records.result.AvatarViews;
import dev.galatea.records.result.Forgotten;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.time.Instant;
import org.apache.flink.streaming.api.operators.Output;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * What refinement tells the world: records to the operator's outputs, and figures to its metrics.
 *
 * <p><b>Threading:</b> the task's.
 */
final class RefineOutputs {
  private final Output<StreamRecord<Render>> output;
  private final RefineMetrics figures;

  RefineOutputs(Output<StreamRecord<Render>> output, RefineMetrics figures) {
    this.output = output;
    this.figures = figures;
  }

  /** A request joined its inbox. */
  void accepted(Accepted news) {
    output.collect(Galatea.ACCEPTED, new StreamRecord<>(news));
  }

  /**
   * A request came a slice further.
   *
   * @param wantsPreview whether the slice is one that shows a preview
   */
  void moved(Request head, Transition.Moved moved, boolean wantsPreview) {
    figures.rowAdvanced(head, moved.row(), moved.advanced(), Instant.now());
    if (moved.preview().isPresent()) {
      output.collect(Galatea.PREVIEWS, new StreamRecord<>(moved.preview().get()));
    } else if (wantsPreview) {
      figures.previewLeftOut();
    }
  }

  /** A request is done. */
  void completed(Request head, Transition.Completed done) {
    figures.rowAdvanced(head, done.row(), done.advanced(), Instant.now());
    figures.requestCompleted(head, Instant.now());
    newVersion(done.render(), done.latest());
  }

  /** An avatar has a new version, made by a command. */
  void madeVersion(VersionLife.NewVersion next) {
    newVersion(next.render(), next.latest());
  }

  private void newVersion(Render render, LatestAvatar latest) {
    output.collect(new StreamRecord<>(render));
    output.collect(Galatea.LATEST, new StreamRecord<>(latest));
  }

  /** An avatar was looked at. */
  void seen(AvatarViews views) {
    output.collect(Galatea.VIEWS, new StreamRecord<>(views));
  }

  /** A request or a command is not carried out. */
  void rejected(Reject reject) {
    figures.requestRejected(reject.reason());
    output.collect(Galatea.REJECTS, new StreamRecord<>(reject));
  }

  /** A row's slice ran. */
  void sliceRan(LaneResult.Slice slice) {
    figures.sliceRun(slice);
  }

  /** A slice failed through its request's own fault, and is tried again. */
  void sliceFailed() {
    figures.requestFailed();
  }

  /** A request or a command came again. */
  void duplicateIgnored() {
    figures.duplicateIgnored();
  }

  /** An identity was forgotten because somebody asked for it. */
  void forgotten(Forgotten receipt) {
    expired(receipt.identity());
    output.collect(Galatea.FORGOTTEN, new StreamRecord<>(receipt));
  }

  /** An identity was forgotten because it was idle. */
  void expired(String identity) {
    output.collect(Galatea.LATEST, new StreamRecord<>(LatestAvatar.forgotten(identity)));
  }
}
