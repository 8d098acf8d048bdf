package dev.galatea.records.request;

import java.util.List;

/**
 * What a pack makes of a prompt: its words, each once, in their order. Words that say nothing about
 * looks, such as "with", are in none of the lists.
 *
 * @param followed words that the pack follows
 * @param unknown words that mean nothing to the pack
 * @param cutOff words behind the last that the pack reads
 */
public record Understood(List<String> followed, List<String> unknown, List<String> cutOff) {
  public Understood {
    followed = List.copyOf(followed);
    unknown = List.copyOf(unknown);
    cutOff = List.copyOf(cutOff);
  }

  /** Without the words, which are private: this may end in a log. */
  @Override
  public String toString() {
    return "%d words followed, %d unknown, %d cut off"
        .formatted(followed.size(), unknown.size(), cutOff.size());
  }
}
