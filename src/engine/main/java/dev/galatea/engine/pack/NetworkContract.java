package dev.galatea.engine.pack;

import java.util.List;

/** What a network of a pack takes and returns. Everything that runs or verifies one follows it. */
public sealed interface NetworkContract permits Network, GuidanceNetwork {

  /** The network's name in the manifest and in messages. */
  String key();

  /** The inputs, each with the batch's rows as its first axis. */
  List<TensorKind> inputs();

  /** The output, with the batch's rows as its first axis. */
  TensorKind output();

  /** Whether a gradient passes from the output to the first input. */
  boolean isDifferentiated();
}
