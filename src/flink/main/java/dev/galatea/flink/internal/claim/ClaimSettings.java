package dev.galatea.flink.internal.claim;

import dev.galatea.flink.ClaimOptions;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import org.apache.flink.configuration.ReadableConfig;

/**
 * What pictures by reference may be.
 *
 * @param allowed folders that they may lie in, at any depth
 * @param maxBytes of a picture
 * @param maxTime for reading one
 * @param maxReaders threads that may be reading, those that hang among them
 */
public record ClaimSettings(
    List<PictureAddress> allowed, int maxBytes, Duration maxTime, int maxReaders)
    implements Serializable {
  /** Refuses every reference. */
  public static final ClaimSettings NONE = new ClaimSettings(List.of(), 1, Duration.ofMillis(1), 1);

  public ClaimSettings {
    allowed = List.copyOf(allowed);
  }

  /**
   * The configured settings.
   *
   * @throws IllegalArgumentException if an option is out of its range; the message is for the user
   */
  public static ClaimSettings of(ReadableConfig config, int maxBytes) {
    Duration maxTime = config.get(ClaimOptions.MAX_TIME);
    int maxReaders = config.get(ClaimOptions.MAX_READERS);
    if (maxTime.toMillis() < 1 || maxReaders < 1) {
      throw new IllegalArgumentException(
          "%s must be at least 1 ms, and %s at least 1"
              .formatted(ClaimOptions.MAX_TIME.key(), ClaimOptions.MAX_READERS.key()));
    }
    List<PictureAddress> allowed =
        config.get(ClaimOptions.ALLOW).stream().map(ClaimSettings::folder).toList();
    return new ClaimSettings(allowed, maxBytes, maxTime, maxReaders);
  }

  private static PictureAddress folder(String text) {
    try {
      return PictureAddress.folder(text.strip());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s: '%s' %s; write a folder as s3://bucket/folder or file:///srv/photos"
              .formatted(ClaimOptions.ALLOW.key(), text, e.getMessage()),
          e);
    }
  }
}
