package dev.galatea.flink;

import java.time.Duration;
import java.util.List;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;

/** From where pictures are read that requests refer to instead of holding them. */
public final class ClaimOptions {
  static {
    WireTypeInfo.makeKnown();
  }

  public static final ConfigOption<List<String>> ALLOW =
      ConfigOptions.key("galatea.claim.allow")
          .stringType()
          .asList()
          .defaultValues()
          .withDescription(
              "Folders that pictures by reference may lie in, at any depth, such as"
                  + " s3://faces/incoming;file:///srv/photos: file systems that Flink reads, but for"
                  + " http and https. If there is none, such requests are rejected.");

  public static final ConfigOption<Duration> MAX_TIME =
      ConfigOptions.key("galatea.claim.max-time")
          .durationType()
          .defaultValue(Duration.ofSeconds(5))
          .withDescription(
              "How long reading a picture by reference may take; what takes longer is rejected as"
                  + " REFERENCE_UNREADABLE. Identities behind it on its subtask wait no longer for"
                  + " it, nor does a checkpoint.");

  public static final ConfigOption<Integer> MAX_READERS =
      ConfigOptions.key("galatea.claim.max-readers")
          .intType()
          .defaultValue(4)
          .withDescription(
              "Threads of a subtask that read pictures by reference. One reads at a time; the others"
                  + " are for those that hang in a file system that does not answer. If all hang,"
                  + " requests are rejected as REFERENCE_UNREADABLE until one comes back.");

  private ClaimOptions() {}
}
