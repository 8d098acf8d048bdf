package dev.galatea.cli.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.galatea.cli.Main;
import dev.galatea.embedded.EmbeddedKafka;
import dev.galatea.flink.ConfigurationFiles;
import dev.galatea.kafka.KafkaTopics;
import dev.galatea.kafka.job.OptionKeys;
import dev.galatea.records.Camera;
import dev.galatea.records.Header;
import dev.galatea.records.request.Look;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.wire.Wire;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What {@code docs/security.md} shows, against a broker with TLS, SASL and an authorizer. */
class SecurityPageITCase {
  private static final String KEYS_PASSWORD = "keys-of-the-broker";
  private static final String ADMIN =
      "org.apache.kafka.common.security.plain.PlainLoginModule required"
          + " username=\"admin\" password=\"of-the-admin\"";
  private static final KafkaTopics TOPICS = KafkaTopics.of(new Configuration());

  @TempDir private Path directory;

  private final SecurityPage page = SecurityPage.read();
  private final Properties client = page.clientProperties();
  private Path keys;
  private Path trusted;

  @Test
  void theJobRunsWithThePropertiesAndTheAccessThatThePageShows() throws Exception {
    makeKeys();
    EmbeddedKafka.Settings settings = EmbeddedKafka.Settings.DEFAULT.withBroker(broker());
    try (EmbeddedKafka kafka = EmbeddedKafka.start(settings);
        Admin admin = Admin.create(admin(kafka))) {
      prepare(admin);
      send(kafka);
      assertThat(run(kafka)).isEqualTo("exit code 0\n");
      assertThat(committed(kafka, TOPICS.renders(), 1)).isEqualTo(1);
      int wrong = TOPICS.inputs().size();
      assertThat(committed(kafka, TOPICS.rejects(), wrong)).isEqualTo(wrong);
    }
    for (AclBinding needed : page.needed(WatchedAuthorizer.USER)) {
      assertThat(WatchedAuthorizer.ALLOWED).as("%s is needed", needed).anyMatch(asked(needed));
    }
    Set<AclBinding> optional = Set.copyOf(page.optional(WatchedAuthorizer.USER));
    assertThat(WatchedAuthorizer.DENIED)
        .as("asked for, and not in the list of what is needed")
        .allMatch(denied -> optional.stream().anyMatch(may -> asked(may).test(denied)));
  }

  @Test
  void everySettingOfFlinkThatThePageShowsIsOne() throws Exception {
    assertThat(page.settings()).hasSizeGreaterThanOrEqualTo(4);
    for (String settings : page.settings()) {
      Path file = Files.writeString(directory.resolve("config.yaml"), settings);
      OptionKeys.check(ConfigurationFiles.read(file));
    }
  }

  private void makeKeys() throws Exception {
    keys = directory.resolve("broker.p12");
    trusted = directory.resolve("truststore.p12");
    Path certificate = directory.resolve("ca.pem");
    keytool(
        "-genkeypair -alias broker -keyalg EC -groupname secp256r1 -dname CN=broker"
            + " -ext san=ip:127.0.0.1 -storetype PKCS12",
        keys,
        KEYS_PASSWORD);
    keytool("-exportcert -rfc -alias broker -file " + certificate, keys, KEYS_PASSWORD);
    keytool(
        "-importcert -noprompt -alias kafka -file " + certificate,
        trusted,
        client.getProperty("ssl.truststore.password"));
  }

  private static Predicate<WatchedAuthorizer.Question> asked(AclBinding access) {
    String name = access.pattern().name();
    boolean prefixed = access.pattern().patternType() == PatternType.PREFIXED;
    return question ->
        question.resource() == access.pattern().resourceType()
            && question.operation() == access.entry().operation()
            && (prefixed ? question.name().startsWith(name) : question.name().equals(name));
  }

  /**
   * Users by password over TLS; the broker itself is one; nothing is allowed that is not listed.
   */
  private Map<String, String> broker() {
    String listener =
        "listener.name." + EmbeddedKafka.Settings.LISTENER.toLowerCase(Locale.ROOT) + ".";
    return Map.ofEntries(
        Map.entry(
            "listener.security.protocol.map",
            EmbeddedKafka.Settings.LISTENER + ":SASL_SSL,CONTROLLER:PLAINTEXT"),
        Map.entry("sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-512"),
        Map.entry("sasl.mechanism.inter.broker.protocol", "PLAIN"),
        Map.entry(listener + "plain.sasl.jaas.config", ADMIN + " user_admin=\"of-the-admin\";"),
        Map.entry(
            listener + "scram-sha-512.sasl.jaas.config",
            "org.apache.kafka.common.security.scram.ScramLoginModule required;"),
        Map.entry("ssl.keystore.location", keys.toString()),
        Map.entry("ssl.keystore.password", KEYS_PASSWORD),
        Map.entry("ssl.key.password", KEYS_PASSWORD),
        Map.entry("ssl.truststore.location", trusted.toString()),
        Map.entry("ssl.truststore.password", client.getProperty("ssl.truststore.password")),
        Map.entry("authorizer.class.name", WatchedAuthorizer.class.getName()),
        Map.entry("super.users", "User:admin;User:ANONYMOUS"));
  }

  private Map<String, Object> admin(EmbeddedKafka kafka) {
    return Map.of(
        "bootstrap.servers",
        kafka.bootstrapServers(),
        "security.protocol",
        "SASL_SSL",
        "sasl.mechanism",
        "PLAIN",
        "sasl.jaas.config",
        ADMIN + ";",
        "ssl.truststore.location",
        trusted.toString(),
        "ssl.truststore.password",
        client.getProperty("ssl.truststore.password"),
        "isolation.level",
        "read_committed");
  }

  /** As the page has Kafka's administrator do it. */
  private void prepare(Admin admin) throws Exception {
    Map<String, String> large = Map.of("max.message.bytes", "9502720");
    Map<String, String> compact = Map.of("cleanup.policy", "compact");
    admin
        .createTopics(
            TOPICS.all().stream()
                .map(
                    name ->
                        new NewTopic(name, 1, (short) 1)
                            .configs(name.equals(TOPICS.lineage()) ? compact : large))
                .toList())
        .all()
        .get();
    admin.createAcls(page.needed(WatchedAuthorizer.USER)).all().get();
    Matcher password =
        Pattern.compile("password=\"(.*?)\"").matcher(client.getProperty("sasl.jaas.config"));
    assertThat(password.find()).isTrue();
    admin
        .alterUserScramCredentials(
            List.of(
                new UserScramCredentialUpsertion(
                    WatchedAuthorizer.USER,
                    new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096),
                    password.group(1))))
        .all()
        .get();
  }

  /**
   * A request of two slices, the first of which yields a preview, for each topic a record that is
   * none, a lineage that there is something to read of, a record without a value, which forgets
   * somebody else, and a look.
   */
  private void send(EmbeddedKafka kafka) throws Exception {
    byte[] prompt =
        Wire.encode(
            new Prompt(
                new Header("ada", "1", Instant.now(), Optional.of(6), Optional.empty()),
                "red hair",
                "",
                1));
    byte[] key = "ada".getBytes(StandardCharsets.UTF_8);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(admin(kafka), new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.send(new ProducerRecord<>(TOPICS.prompts(), key, prompt)).get();
      byte[] other = "ben".getBytes(StandardCharsets.UTF_8);
      producer.send(new ProducerRecord<>(TOPICS.prompts(), other, null)).get();
      Camera front = Camera.orbit(0, 0, 2.7, 4.2647);
      byte[] look = Wire.encode(new Look(Header.of("ben", "look"), List.of(front)));
      producer.send(new ProducerRecord<>(TOPICS.looks(), other, look)).get();
      for (String topic : TOPICS.inputs()) {
        producer.send(new ProducerRecord<>(topic, key, new byte[] {1})).get();
      }
      byte[] line = "another-topic/line".getBytes(StandardCharsets.UTF_8);
      producer.send(new ProducerRecord<>(TOPICS.lineage(), line, new byte[] {'a'})).get();
    }
  }

  private String run(EmbeddedKafka kafka) throws Exception {
    client.setProperty("ssl.truststore.location", trusted.toString());
    Path file = directory.resolve("client.properties");
    try (Writer writer = Files.newBufferedWriter(file)) {
      client.store(writer, null);
    }
    StringWriter errors = new StringWriter();
    CommandLine commandLine = Main.commandLine().setErr(new PrintWriter(errors, true));
    int status =
        commandLine.execute(
            "run",
            "--bootstrap-servers=" + kafka.bootstrapServers(),
            "--pack=src/engine/test/resources/packs/tiny",
            "--parallelism=1",
            "--no-studio",
            "-Dgalatea.kafka.client-properties=" + file,
            "-Dgalatea.kafka.missing-topics=fail",
            "-Dgalatea.kafka.end=latest",
            "-Drestart-strategy.type=none");
    return "exit code %d\n%s".formatted(status, errors);
  }

  private int committed(EmbeddedKafka kafka, String topic, int expected) {
    int count = 0;
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            admin(kafka), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = List.of(new TopicPartition(topic, 0));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (count < expected && System.nanoTime() < deadline) {
        count += consumer.poll(Duration.ofMillis(100)).count();
      }
    }
    return count;
  }

  private static void keytool(String command, Path store, String password) throws Exception {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    Stream.of(command.split(" ")).forEach(words::add);
    words.addAll(List.of("-keystore", store.toString(), "-storepass", password));
    Process process =
        new ProcessBuilder(words)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(command).isZero();
  }
}
