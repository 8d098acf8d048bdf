package dev.galatea.records;

/**
 * What the avatar shall look like, in words.
 *
 * @param header who and when
 * @param text the wish; empty clears an earlier one
 * @param negative what to keep away from; takes the place of the empty text in classifier-free
 *     guidance
 * @param strength factor on the weight of the score distillation, 1 as the pack was tuned
 */
public record Prompt(Header header, String text, String negative, double strength)
    implements Request {
  @Override
  public Kind kind() {
    return Kind.PROMPT;
  }

  /** Without the words, which are private: this may end in a log. */
  @Override
  public String toString() {
    return "Prompt[%s, %d characters, strength %s]".formatted(header, text.length(), strength);
  }
}
