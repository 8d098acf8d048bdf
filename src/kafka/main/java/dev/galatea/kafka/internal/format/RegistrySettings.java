package dev.galatea.kafka.internal.format;

import dev.galatea.kafka.RegistryOptions;
import dev.galatea.kafka.RegistryOptions.MissingSchemas;
import dev.galatea.kafka.internal.KafkaClients;
import java.io.Serializable;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;

/**
 * How to reach the registry.
 *
 * @param url without a slash at its end
 * @param client what the properties file says; secrets may be among it
 * @param timeout of one question
 * @param attempts of one question, at least 1
 * @param backoff the first pause between attempts
 * @param maxBytes of an answer
 */
record RegistrySettings(
    URI url,
    Map<String, String> client,
    MissingSchemas missing,
    Duration timeout,
    int attempts,
    Duration backoff,
    int maxBytes)
    implements Serializable {
  static final String BASIC = "basic.auth.user.info";
  static final String BEARER = "bearer.auth.token";

  private static final Set<String> KNOWN =
      Set.of(
          BASIC,
          BEARER,
          "ssl.truststore.location",
          "ssl.truststore.password",
          "ssl.truststore.type",
          "ssl.keystore.location",
          "ssl.keystore.password",
          "ssl.keystore.type");

  /** What Confluent's clients put before these names in a file that they share with Kafka's. */
  private static final String PREFIX = "schema.registry.";

  RegistrySettings {
    client = Map.copyOf(client);
  }

  /**
   * The configured settings.
   *
   * @throws IllegalArgumentException if one is missing or wrong; the message is for the user
   */
  static RegistrySettings of(ReadableConfig config) {
    return new RegistrySettings(
        url(config),
        client(config),
        config.get(RegistryOptions.MISSING_SCHEMAS),
        positive(config, RegistryOptions.TIMEOUT),
        atLeastOne(config, RegistryOptions.ATTEMPTS),
        positive(config, RegistryOptions.BACKOFF),
        Math.toIntExact(config.get(RegistryOptions.MAX_SCHEMA_SIZE).getBytes()));
  }

  static int atLeastOne(ReadableConfig config, ConfigOption<Integer> option) {
    int number = config.get(option);
    if (number < 1) {
      throw new IllegalArgumentException(
          "%s is %d: it is 1 or more".formatted(option.key(), number));
    }
    return number;
  }

  private static Duration positive(ReadableConfig config, ConfigOption<Duration> option) {
    Duration duration = config.get(option);
    if (duration.toMillis() < 1) {
      throw new IllegalArgumentException("%s is at least 1 ms".formatted(option.key()));
    }
    return duration;
  }

  private static URI url(ReadableConfig config) {
    String text =
        config
            .getOptional(RegistryOptions.URL)
            .orElseThrow(() -> wrongUrl("is not set, but galatea.kafka.format is confluent"));
    try {
      URI url = new URI(text.replaceAll("/+$", ""));
      boolean isWeb = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
      if (!isWeb || url.getHost() == null || url.getQuery() != null) {
        throw wrongUrl("is no address of a registry");
      }
      if (url.getUserInfo() != null) {
        throw wrongUrl(
            "holds a password: put it into the file of %s, as %s"
                .formatted(RegistryOptions.CLIENT_PROPERTIES.key(), BASIC));
      }
      return url;
    } catch (URISyntaxException e) {
      throw wrongUrl("is no address of a registry");
    }
  }

  private static IllegalArgumentException wrongUrl(String why) {
    return new IllegalArgumentException(
        "%s %s; write it as https://registry:8081".formatted(RegistryOptions.URL.key(), why));
  }

  private static Map<String, String> client(ReadableConfig config) {
    Optional<Properties> file =
        config
            .getOptional(RegistryOptions.CLIENT_PROPERTIES)
            .map(path -> KafkaClients.load(RegistryOptions.CLIENT_PROPERTIES, path));
    Map<String, String> client =
        file.orElseGet(Properties::new).entrySet().stream()
            .collect(
                Collectors.toMap(
                    entry -> withoutPrefix(entry.getKey().toString()),
                    entry -> entry.getValue().toString()));
    Set<String> unknown = new TreeSet<>(client.keySet());
    unknown.removeAll(KNOWN);
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "%s: nothing reads %s; what is read is %s"
              .formatted(
                  RegistryOptions.CLIENT_PROPERTIES.key(),
                  String.join(", ", unknown),
                  String.join(", ", new TreeSet<>(KNOWN))));
    }
    return client;
  }

  private static String withoutPrefix(String name) {
    return name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
  }

  /** Without what the file says. */
  @Override
  public String toString() {
    return "registry at " + url;
  }
}
