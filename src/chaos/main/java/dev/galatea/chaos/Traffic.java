package dev.galatea.chaos;

import dev.galatea.engine.picture.PictureFiles;
import dev.galatea.kafka.KafkaOptions;
import dev.galatea.kafka.KafkaTopics;
import dev.galatea.records.Camera;
import dev.galatea.records.EncodedImage;
import dev.galatea.records.Header;
import dev.galatea.records.Picture;
import dev.galatea.records.SphericalHarmonics;
import dev.galatea.records.request.Cancel;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.Forget;
import dev.galatea.records.request.LightingEdit;
import dev.galatea.records.request.Look;
import dev.galatea.records.request.Message;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Request;
import dev.galatea.records.request.Revert;
import dev.galatea.records.wire.Wire;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Future;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends requests and commands at random, and a tenth of poison. Quiet identities have requests
 * alone, so that what they come to is known in advance; to the others everything happens.
 *
 * <p><b>Owns</b> a producer, which waits out whatever happens to the broker. <b>Threading:</b> one
 * thread sends; the records that were sent are read after it has ended.
 */
final class Traffic implements Runnable, AutoCloseable {
  static final String QUIET = "quiet-";
  private static final String BUSY = "busy-";
  private static final int IDENTITIES = 8;
  private static final int MAX_STEPS = 30;

  /** Lives are short, and three versions before an avatar's own are kept. */
  private static final int OLDEST = 4;

  private static final double POISON = 0.1;
  private static final double AGAIN = 0.05;
  private static final String[] WORDS = {"red hair", "glasses", "a beard", ""};

  private final Random random;
  private final KafkaTopics topics;
  private final double perSecond;
  private final KafkaProducer<byte[], byte[]> producer;
  private final List<Sent> sent = new ArrayList<>();
  private volatile boolean stopped;
  private volatile RuntimeException failure;
  private int count;

  /**
   * @param perSecond records, on average
   */
  Traffic(ReadableConfig config, long seed, double perSecond) {
    this.random = new Random(seed);
    this.topics = KafkaTopics.of(config);
    this.perSecond = perSecond;
    this.producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                config.get(KafkaOptions.BOOTSTRAP_SERVERS),
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                600_000,
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                600_000),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  @Override
  public void run() {
    while (!stopped) {
      try {
        next();
      } catch (RuntimeException e) {
        failure = e;
        return;
      }
      try {
        Thread.sleep((long) (-1000 * Math.log(1 - random.nextDouble()) / perSecond));
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** Sends no more. */
  void stop() {
    stopped = true;
  }

  /**
   * What was sent, once all of it is delivered.
   *
   * @throws IllegalStateException if sending ended by itself
   */
  List<Sent> sent() {
    if (failure != null) {
      throw new IllegalStateException("the traffic has ended", failure);
    }
    producer.flush();
    return List.copyOf(sent);
  }

  private void next() {
    boolean isQuiet = random.nextInt(3) == 0;
    String identity = (isQuiet ? QUIET : BUSY) + random.nextInt(IDENTITIES);
    String id = "r" + count++;
    if (random.nextDouble() < POISON) {
      poison(identity, id);
      return;
    }
    Message message = isQuiet ? request(identity, id) : anything(identity, id);
    byte[] value = message.match(Wire::encode, Wire::encode);
    send(identity, Optional.of(message), Optional.empty(), false, topics.input(message), value);
    // Commands act as often as they are read.
    if (message instanceof Request && random.nextDouble() < AGAIN) {
      send(identity, Optional.of(message), Optional.empty(), true, topics.input(message), value);
    }
  }

  private Message request(String identity, String id) {
    Header header = Header.of(identity, id).withSteps(1 + random.nextInt(MAX_STEPS));
    return switch (random.nextInt(4)) {
      case 0 -> FaceImage.aligned(header, photo(), Optional.empty());
      case 1 -> {
        double x = random.nextDouble() - 0.5;
        yield new LightingEdit(
            header, Optional.of(SphericalHarmonics.directional(x, 0.2, 1, 1, 0.3)));
      }
      default -> new Prompt(header, WORDS[random.nextInt(WORDS.length)], "", 1);
    };
  }

  private EncodedImage photo() {
    byte[] rgb = new byte[3 * 32 * 32];
    random.nextBytes(rgb);
    return new EncodedImage(PictureFiles.encode(new Picture(32, rgb), PictureFiles.Format.PNG, 1));
  }

  private Message anything(String identity, String id) {
    Header header = Header.of(identity, id);
    return switch (random.nextInt(20)) {
      case 0, 1 -> new Look(header, List.of(Camera.orbit(0.2, 0, 2.7, 4.2647)));
      case 2, 3 -> new Cancel(header, "r" + (count - 1 - random.nextInt(Math.min(count, 40))));
      case 4, 5 -> new Revert(header, 1 + random.nextInt(OLDEST));
      case 6 -> new Forget(header);
      default -> request(identity, id);
    };
  }

  /** Records that producers send by mistake or in malice. */
  private void poison(String identity, String id) {
    Header header = Header.of(identity, id);
    Prompt prompt = new Prompt(header, "red hair", "", 1);
    byte[] sound = Wire.encode(prompt);
    switch (random.nextInt(7)) {
      case 0 -> bad(identity, "noise", noise());
      case 1 -> bad(identity, "cut off", Arrays.copyOf(sound, sound.length - 3));
      case 2 -> bad("somebody-else", "wrong key", sound);
      case 3 -> bad(identity, "text", "{\"text\":\"red hair\"}".getBytes(StandardCharsets.UTF_8));
      case 4 ->
          bad(
              identity,
              "time",
              Wire.encode(
                  new Prompt(
                      new Header(
                          identity,
                          id,
                          Instant.ofEpochMilli(Long.MIN_VALUE),
                          Optional.empty(),
                          Optional.empty()),
                      "red hair",
                      "",
                      1)));
      case 5 ->
          bad(identity, "steps", Wire.encode(new Prompt(header.withSteps(-1), "red hair", "", 1)));
      default ->
          bad(
              identity,
              "picture",
              Wire.encode(FaceImage.aligned(header, new EncodedImage(noise()), Optional.empty())));
    }
  }

  private byte[] noise() {
    byte[] noise = new byte[random.nextInt(200)];
    random.nextBytes(noise);
    return noise;
  }

  private void bad(String key, String what, byte[] value) {
    send(key, Optional.empty(), Optional.of(what), false, topics.prompts(), value);
  }

  private void send(
      String key,
      Optional<Message> message,
      Optional<String> poison,
      boolean again,
      String topic,
      byte[] value) {
    Future<RecordMetadata> delivery =
        producer.send(new ProducerRecord<>(topic, key.getBytes(StandardCharsets.UTF_8), value));
    sent.add(new Sent(key, message, poison, again, delivery));
  }

  @Override
  public void close() {
    producer.close();
  }
}
