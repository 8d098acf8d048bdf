package dev.galatea.flink.internal;

import dev.galatea.engine.avatar.RejectMaker;
import dev.galatea.engine.refine.RefinerFactory;
import dev.galatea.engine.validate.RequestLimits;
import dev.galatea.engine.validate.RequestValidator;
import dev.galatea.flink.Galatea;
import dev.galatea.flink.internal.claim.ClaimSettings;
import dev.galatea.flink.internal.claim.ImageReader;
import dev.galatea.flink.internal.metrics.RejectCounters;
import dev.galatea.records.request.Message;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.Reject;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Lets commands and valid requests pass, their images read where they lie elsewhere, decoded to the
 * pack's size and photographs aligned to its crop, and turns the others into rejects. It has no
 * state; it is keyed by identity so that an identity's requests stay in order.
 */
public final class ValidateFunction extends KeyedProcessFunction<String, Message, Message> {
  private static final long serialVersionUID = 1;

  private final RequestLimits limits;
  private final int payloadBytes;
  private final RefinerFactory refiners;
  private final ClaimSettings claims;
  private transient RequestValidator validator;
  private transient ImageReader images;
  private transient RejectCounters rejects;

  /**
   * @param refiners know the words that prompts may use, and take photographs in
   * @param claims what pictures by reference may be
   */
  public ValidateFunction(
      RequestLimits limits, int payloadBytes, RefinerFactory refiners, ClaimSettings claims) {
    this.limits = limits;
    this.payloadBytes = payloadBytes;
    this.refiners = refiners;
    this.claims = claims;
  }

  @Override
  public void open(OpenContext context) throws Exception {
    validator = refiners.validator(limits);
    images = new ImageReader(claims);
    rejects = new RejectCounters(getRuntimeContext().getMetricGroup());
  }

  @Override
  public void processElement(Message message, Context context, Collector<Message> valid)
      throws InterruptedException {
    Message checked;
    try {
      checked = images.resolve(message).match(validator::validate, validator::validate);
    } catch (InvalidRequest invalid) {
      reject(RejectMaker.of(message, invalid, payloadBytes), context);
      return;
    } catch (RuntimeException | StackOverflowError bug) {
      reject(RejectMaker.failed(message, bug, payloadBytes), context);
      return;
    }
    valid.collect(checked);
  }

  private void reject(Reject reject, Context context) {
    rejects.count(reject.reason());
    context.output(Galatea.REJECTS, reject);
  }

  @Override
  public void close() {
    if (images != null) {
      images.close();
    }
    if (validator != null) {
      validator.close();
    }
  }
}
