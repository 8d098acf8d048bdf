package dev.galatea.records.request;

import static java.util.Objects.requireNonNull;

import dev.galatea.records.Case;
import dev.galatea.records.Header;
import java.util.Optional;

/**
 * What the avatar shall look like, in words.
 *
 * @param header who and when
 * @param text in words; empty clears an earlier prompt
 * @param negative what to keep away from; takes the place of the empty text in classifier-free
 *     guidance
 * @param strength factor on the weight of the score distillation, 1 as the pack was tuned
 * @param understood what the pack makes of the text; empty before validation, of a blank text, and
 *     where the pack does not tell
 */
public record Prompt(
    Header header, String text, String negative, double strength, Optional<Understood> understood)
    implements Request {
  public Prompt {
    requireNonNull(header, "header");
    requireNonNull(text, "text");
    requireNonNull(negative, "negative");
    requireNonNull(understood, "understood");
  }

  /** A prompt as its producer sends it. */
  public Prompt(Header header, String text, String negative, double strength) {
    this(header, text, negative, strength, Optional.empty());
  }

  /** This prompt with what the pack makes of its text. */
  public Prompt as(Understood read) {
    return new Prompt(header, text, negative, strength, Optional.of(read));
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
    return new Prompt(other, text, negative, strength, understood);
  }

  @Override
  public <T, E extends Exception> T match(
      Case<FaceImage, T, E> face, Case<Prompt, T, E> prompt, Case<LightingEdit, T, E> light)
      throws E {
    return prompt.of(this);
  }
}
