package dev.galatea.cli.studio;

import dev.galatea.studio.StudioLimits;
import dev.galatea.studio.StudioSettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.apache.flink.util.TimeUtils;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Arguments of every command that serves a studio. */
public final class StudioArguments {
  private static final int TOKEN_BYTES = 16;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(names = "--open", description = "Open the studio's page in a browser.")
  private boolean open;

  @Option(
      names = "--studio-port",
      paramLabel = "N",
      description = "TCP port of the studio's page. Default: a free one.")
  private Integer port;

  @Option(
      names = "--studio-host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description =
          "Address that the page is served at. Beyond this machine it asks for a token."
              + " Default: ${DEFAULT-VALUE}.")
  private String host;

  @Option(
      names = "--studio-token",
      paramLabel = "TOKEN",
      description =
          "What visitors must know. Default: none at this machine's own addresses, else one that is"
              + " made up and printed.")
  private String token;

  @Option(names = "--read-only", description = "Let the page show, and send nothing.")
  private boolean readOnly;

  @Option(
      names = "--studio-history",
      paramLabel = "DURATION",
      defaultValue = "1 d",
      description = "How far back the page reads the topics. Default: ${DEFAULT-VALUE}.")
  private String history;

  @Option(
      names = "--studio-identities",
      paramLabel = "N",
      description = "Most identities that the page keeps. Default: 5000.")
  private Integer identities;

  @Option(
      names = "--studio-versions",
      paramLabel = "N",
      description = "Most versions of an identity that the page keeps. Default: 24.")
  private Integer versions;

  @Option(
      names = "--studio-memory",
      paramLabel = "MIB",
      description = "Most memory for the page's pictures. Default: 128.")
  private Integer memoryMib;

  @Option(
      names = "--studio-listeners",
      paramLabel = "N",
      description = "Most open pages, each of which holds an event stream. Default: 32.")
  private Integer listeners;

  /** Whether a browser is to be opened. */
  public boolean open() {
    return open;
  }

  /** Whether the user has asked for a page in so many words. */
  public boolean asked() {
    return open || port != null;
  }

  /**
   * The settings.
   *
   * @param suggestions what the pack understands of prompts
   * @throws ParameterException if an argument is out of its range
   */
  public StudioSettings settings(List<String> suggestions) {
    try {
      StudioLimits standard = StudioLimits.DEFAULT;
      StudioLimits limits =
          new StudioLimits(
              or(identities, standard.identities()),
              or(versions, standard.versions()),
              memoryMib == null ? standard.pictureBytes() : (long) memoryMib << 20,
              or(listeners, standard.listeners()));
      return new StudioSettings(
          host, or(port, 0), token(), readOnly, limits, history(), suggestions, Optional.empty());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private static int or(Integer given, int standard) {
    return given == null ? standard : given;
  }

  private Duration history() {
    try {
      return TimeUtils.parseDuration(history);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "--studio-history is a duration, such as 2 h or 1 d, not '%s'".formatted(history), e);
    }
  }

  private Optional<String> token() {
    if (token != null || isThisMachine()) {
      return Optional.ofNullable(token);
    }
    byte[] random = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(random);
    return Optional.of(HexFormat.of().formatHex(random));
  }

  private boolean isThisMachine() {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("--studio-host: there is no address " + host, e);
    }
  }
}
