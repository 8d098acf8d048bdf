package dev.galatea.engine.pack;

import java.util.List;

/**
 * The network of a guidance that the pack brings itself: the loss of a picture beside a reference
 * picture.
 *
 * @param key name of the guidance in the manifest
 */
public record GuidanceNetwork(String key) implements NetworkContract {
  @Override
  public List<TensorKind> inputs() {
    return List.of(TensorKind.IMAGE, TensorKind.REFERENCE_IMAGE);
  }

  @Override
  public TensorKind output() {
    return TensorKind.LOSS;
  }

  @Override
  public boolean isDifferentiated() {
    return true;
  }
}
