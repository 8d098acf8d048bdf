package dev.galatea.cli.docs;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/** Reads {@code docs/security.md}: what it shows is what is tried. */
final class SecurityPage {
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| (\\w+) \\| (literal|prefixed) \\| `([^`]+)` \\| (\\w+) \\|.*$");
  private static final String OPTIONAL = "What follows may be allowed besides.";

  private final String text;

  private SecurityPage(String text) {
    this.text = text;
  }

  static SecurityPage read() {
    try {
      return new SecurityPage(Files.readString(Path.of("docs/security.md")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The settings of Kafka's clients. */
  Properties clientProperties() {
    Properties properties = new Properties();
    try {
      properties.load(new StringReader(blocks("properties").get(0)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties;
  }

  /** Settings for Flink's {@code config.yaml}. */
  List<String> settings() {
    return blocks("yaml");
  }

  /** What the user needs. */
  List<AclBinding> needed(String user) {
    return rows(text.substring(0, text.indexOf(OPTIONAL)), user);
  }

  /** What the user may have besides. */
  List<AclBinding> optional(String user) {
    return rows(text.substring(text.indexOf(OPTIONAL)), user);
  }

  private List<String> blocks(String language) {
    return Pattern.compile("(?ms)^```" + language + "\n(.*?)^```$")
        .matcher(text)
        .results()
        .map(block -> block.group(1))
        .toList();
  }

  private static List<AclBinding> rows(String part, String user) {
    return ROW.matcher(part).results().map(row -> binding(row, user)).toList();
  }

  private static AclBinding binding(MatchResult row, String user) {
    return new AclBinding(
        new ResourcePattern(
            ResourceType.fromString(constant(row.group(1))),
            row.group(3),
            PatternType.fromString(row.group(2).toUpperCase(Locale.ROOT))),
        new AccessControlEntry(
            "User:" + user,
            "*",
            AclOperation.fromString(constant(row.group(4))),
            AclPermissionType.ALLOW));
  }

  /** {@code DescribeConfigs} as {@code DESCRIBE_CONFIGS}. */
  private static String constant(String word) {
    return word.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toUpperCase(Locale.ROOT);
  }
}
