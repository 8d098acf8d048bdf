package dev.galatea.records;

import static java.util.Objects.requireNonNull;

/**
 * What the avatar shall look like, in words.
 *
 * @param header who and when
 * @param text in words; empty clears an earlier prompt
 * @param negative what to keep away from; takes the place of the empty text in classifier-free
 *     guidance
 * @param strength factor on the weight of the score distillation, 1 as the pack was tuned
 */
public record Prompt(Header header, String text, String negative, double strength)
    implements Request {
  public Prompt {
    requireNonNull(header, "header");
    requireNonNull(text, "text");
    requireNonNull(negative, "negative");
  }

  @Override
  public Kind kind() {
    return Kind.PROMPT;
  }

  /** Without the words, which are private: this may end in a log. */
  @Override
  public String toString() {
    return "Prompt[%s, %d characters, strength %s]".formatted(header, text.length(), strength);
  }

  @Override
  public Prompt withHeader(Header other) {
    return new Prompt(other, text, negative, strength);
  }

  @Override
  public <T, E extends Exception> T match(
      Case<FaceImage, T, E> face, Case<Prompt, T, E> prompt, Case<LightingEdit, T, E> light)
      throws E {
    return prompt.of(this);
  }
}
