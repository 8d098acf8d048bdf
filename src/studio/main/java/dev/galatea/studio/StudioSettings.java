package dev.galatea.studio;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How to serve a studio.
 *
 * @param host the address to listen on
 * @param port the TCP port; 0 for a free one
 * @param token what visitors must know; empty asks for none, which loopback addresses alone allow
 * @param readOnly whether requests are refused
 * @param limits what is kept in memory
 * @param history how far back renders, rejects and requests are read
 * @param suggestions what the pack understands of prompts; empty if that is not known
 * @param flinkRest where Flink's REST API answers; empty if that is not known
 */
public record StudioSettings(
    String host,
    int port,
    Optional<String> token,
    boolean readOnly,
    StudioLimits limits,
    Duration history,
    List<String> suggestions,
    Optional<URI> flinkRest) {
  /** For this machine alone, at any free port. */
  public static final StudioSettings DEFAULT =
      new StudioSettings(
          "127.0.0.1",
          0,
          Optional.empty(),
          false,
          StudioLimits.DEFAULT,
          Duration.ofDays(1),
          List.of(),
          Optional.empty());

  public StudioSettings {
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("a port is 0 (any free one) to 65535, not " + port);
    }
    if (token.filter(String::isBlank).isPresent()) {
      throw new IllegalArgumentException("a token is not blank");
    }
    if (history.isNegative()) {
      throw new IllegalArgumentException("a history is not negative");
    }
    suggestions = List.copyOf(suggestions);
  }

  /** These settings with what the pack understands. */
  public StudioSettings withSuggestions(List<String> words) {
    return new StudioSettings(host, port, token, readOnly, limits, history, words, flinkRest);
  }

  /** These settings with Flink's REST API. */
  public StudioSettings withFlinkRest(URI address) {
    return new StudioSettings(
        host, port, token, readOnly, limits, history, suggestions, Optional.of(address));
  }
}
