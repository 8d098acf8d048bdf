package dev.galatea.embedded;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;

/**
 * A real Kafka broker in this JVM: one KRaft node that is broker and controller, on the loopback
 * interface only, with topics that have to be created before they are used.
 *
 * <p><b>Owns</b> its threads, two ports and, unless one was given, its directory. <b>Lives</b> from
 * {@link #start} to {@link #close}; a broker started again on a given directory finds the records
 * of the former. <b>Threads</b>: may be used from any.
 */
public final class EmbeddedKafka implements AutoCloseable {
  private static final Duration ADMIN_TIMEOUT = Duration.ofSeconds(30);
  private static final int NODE = 1;

  private final KafkaRaftServer server;
  private final Optional<TemporaryDirectory> temporary;
  private final int port;
  private boolean closed;

  /**
   * How to run the broker.
   *
   * @param directory where its records are kept; empty for a temporary directory
   * @param port TCP port on 127.0.0.1; 0 for a free one
   * @param maxRecordBytes largest record batch that the broker accepts and hands on
   * @param broker further settings of the broker, such as an authorizer; they go before its own.
   *     The listener of clients and of the broker itself is named {@link #LISTENER}.
   */
  public record Settings(
      Optional<Path> directory, int port, int maxRecordBytes, Map<String, String> broker) {
    /** The listener that clients connect to. */
    public static final String LISTENER = "CLIENTS";

    /** 16 MiB: a photo of the largest size that validation lets through, and some. */
    public static final int DEFAULT_MAX_RECORD_BYTES = 16 << 20;

    /** A temporary directory, a free port, records up to {@link #DEFAULT_MAX_RECORD_BYTES}. */
    public static final Settings DEFAULT =
        new Settings(Optional.empty(), 0, DEFAULT_MAX_RECORD_BYTES, Map.of());

    public Settings {
      if (port < 0 || port > 65535) {
        throw new IllegalArgumentException("a port is 0 (any free one) to 65535, not " + port);
      }
      if (maxRecordBytes < 1024) {
        throw new IllegalArgumentException(
            "records need at least 1024 bytes, not " + maxRecordBytes);
      }
      broker = Map.copyOf(broker);
    }

    /** These settings with another port. */
    public Settings withPort(int port) {
      return new Settings(directory, port, maxRecordBytes, broker);
    }

    /** These settings with a directory that outlives the broker. */
    public Settings withDirectory(Path directory) {
      return new Settings(Optional.of(directory), port, maxRecordBytes, broker);
    }

    /** These settings with another bound of records. */
    public Settings withMaxRecordBytes(int maxRecordBytes) {
      return new Settings(directory, port, maxRecordBytes, broker);
    }

    /** These settings with further ones of the broker. */
    public Settings withBroker(Map<String, String> broker) {
      return new Settings(directory, port, maxRecordBytes, broker);
    }
  }

  private EmbeddedKafka(KafkaRaftServer server, Optional<TemporaryDirectory> temporary, int port) {
    this.server = server;
    this.temporary = temporary;
    this.port = port;
  }

  /** Starts a broker with {@link Settings#DEFAULT}. */
  public static EmbeddedKafka start() {
    return start(Settings.DEFAULT);
  }

  /**
   * Starts a broker and returns when it answers.
   *
   * @throws EmbeddedException if the port is taken or the directory cannot be used
   */
  public static EmbeddedKafka start(Settings settings) {
    Optional<TemporaryDirectory> temporary =
        settings.directory().isPresent()
            ? Optional.empty()
            : Optional.of(TemporaryDirectory.create("kafka"));
    try {
      Path directory = settings.directory().orElseGet(() -> temporary.orElseThrow().path());
      int port = settings.port() == 0 ? freePort() : checkFree(settings.port());
      Properties properties = properties(directory, port, freePort(), settings);
      format(directory, properties);
      KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(properties), Time.SYSTEM);
      server.startup();
      return new EmbeddedKafka(server, temporary, port);
    } catch (IOException | RuntimeException e) {
      temporary.ifPresent(TemporaryDirectory::close);
      if (e instanceof EmbeddedException known) {
        throw known;
      }
      throw new EmbeddedException("the embedded Kafka broker did not start: " + e.getMessage(), e);
    }
  }

  /** Where clients connect, as {@code 127.0.0.1:port}. */
  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  /**
   * Creates topics and returns when they can be used. Replication is 1.
   *
   * @throws EmbeddedException if a topic exists already, or creation fails
   */
  public void createTopics(Collection<String> topics, int partitions) {
    try (Admin admin =
        Admin.create(
            Map.<String, Object>of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers()))) {
      admin
          .createTopics(
              topics.stream().map(topic -> new NewTopic(topic, partitions, (short) 1)).toList())
          .all()
          .get(ADMIN_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new EmbeddedException(
          "the topics " + topics + " were not created: " + e.getCause().getMessage(), e.getCause());
    } catch (TimeoutException e) {
      throw new EmbeddedException(
          "the topics %s were not created within %s".formatted(topics, ADMIN_TIMEOUT), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedException("interrupted while creating the topics " + topics, e);
    }
  }

  /** Stops the broker, waits for its threads and removes its directory if it is temporary. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    server.shutdown();
    server.awaitShutdown();
    temporary.ifPresent(TemporaryDirectory::close);
  }

  private static Properties properties(
      Path directory, int port, int controllerPort, Settings settings) {
    Properties properties = new Properties();
    properties.setProperty("process.roles", "broker,controller");
    properties.setProperty("node.id", Integer.toString(NODE));
    properties.setProperty("controller.quorum.voters", NODE + "@127.0.0.1:" + controllerPort);
    properties.setProperty(
        "listeners",
        "%s://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d"
            .formatted(Settings.LISTENER, port, controllerPort));
    properties.setProperty(
        "listener.security.protocol.map", Settings.LISTENER + ":PLAINTEXT,CONTROLLER:PLAINTEXT");
    properties.setProperty("inter.broker.listener.name", Settings.LISTENER);
    properties.setProperty("controller.listener.names", "CONTROLLER");
    properties.setProperty("log.dirs", directory.resolve("log").toString());
    properties.setProperty("auto.create.topics.enable", "false");
    String maxRecordBytes = Integer.toString(settings.maxRecordBytes());
    properties.setProperty("message.max.bytes", maxRecordBytes);
    properties.setProperty("replica.fetch.max.bytes", maxRecordBytes);
    forOneNode(properties);
    properties.putAll(settings.broker());
    return properties;
  }

  /** One replica of everything, no waiting for other members, and little memory. */
  private static void forOneNode(Properties properties) {
    properties.setProperty("offsets.topic.replication.factor", "1");
    properties.setProperty("offsets.topic.num.partitions", "1");
    properties.setProperty("transaction.state.log.replication.factor", "1");
    properties.setProperty("transaction.state.log.min.isr", "1");
    properties.setProperty("transaction.state.log.num.partitions", "1");
    properties.setProperty("share.coordinator.state.topic.replication.factor", "1");
    properties.setProperty("share.coordinator.state.topic.min.isr", "1");
    properties.setProperty("group.initial.rebalance.delay.ms", "0");
    properties.setProperty("log.cleaner.dedupe.buffer.size", Integer.toString(2 << 20));
    properties.setProperty("num.network.threads", "2");
    properties.setProperty("num.io.threads", "2");
    properties.setProperty("background.threads", "2");
  }

  /** Gives an empty directory the identity of a cluster; one that has it already keeps it. */
  private static void format(Path directory, Properties properties) throws IOException {
    Files.createDirectories(directory);
    Path file = directory.resolve("server.properties");
    try (Writer writer = Files.newBufferedWriter(file)) {
      properties.store(writer, "Written at each start.");
    }
    if (Files.exists(directory.resolve("log/meta.properties"))) {
      return;
    }
    String[] arguments = {"format", "-t", Uuid.randomUuid().toString(), "-c", file.toString()};
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    if (StorageTool.execute(arguments, new PrintStream(output, true, StandardCharsets.UTF_8))
        != 0) {
      throw new EmbeddedException(
          directory
              + " could not be prepared for Kafka: "
              + output.toString(StandardCharsets.UTF_8).strip());
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static int checkFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return port;
    } catch (IOException e) {
      throw new EmbeddedException(
          "port %d on 127.0.0.1 cannot be used (%s); give another, or 0 for a free one"
              .formatted(port, e.getMessage()),
          e);
    }
  }
}
