package dev.galatea.engine.validate;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.galatea.engine.photograph.FaceLimits;
import dev.galatea.engine.picture.ImageDecoder;
import dev.galatea.engine.picture.ImageLimits;
import dev.galatea.records.EncodedImage;
import dev.galatea.records.Header;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.wire.CarriedWire;
import dev.galatea.records.wire.Wire;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Whatever bytes come in, what comes out is a value or an {@link InvalidRequest}, within a bound of
 * time and memory. Each test mutates files, in a build by the same {@value #MUTATIONS} seeds each
 * time, and with {@code -Pfuzz} by others for {@code galatea.fuzz.seconds}. An input that broke
 * something goes into {@code fuzz/} with its remedy, and is tried first from then on.
 */
class FuzzTest {
  private static final Path FOUND = Path.of("src/engine/test/resources/fuzz");
  private static final Path PICTURES = Path.of("src/engine/test/resources/images");
  private static final Path RECORDS = Path.of("src/records/test/resources/wire");
  private static final Path KEPT = Path.of("src/engine/target/fuzz");

  private static final int MUTATIONS = 300;
  private static final Duration SPENT = Duration.ofSeconds(Long.getLong("galatea.fuzz.seconds", 0));
  private static final ImageLimits IMAGES =
      new ImageLimits(1 << 20, 250_000, Duration.ofSeconds(2));

  /** The bound of decoding and some; of the thread's own time, as others may be at work. */
  private static final Duration LONGEST = IMAGES.maxDecodeTime().multipliedBy(2);

  private static final long MOST_BYTES = 256L << 20;

  private final ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final RequestValidator validator =
      new RequestValidator(
          new RequestLimits(
              16,
              EnumSet.allOf(Request.Kind.class),
              RequestLimits.DEFAULT_MAX_IDENTITY_BYTES,
              RequestLimits.DEFAULT_MAX_REQUEST_ID_BYTES,
              RequestLimits.DEFAULT_MAX_STEPS,
              IMAGES,
              FaceLimits.DEFAULTS,
              RequestLimits.DEFAULT_MAX_PROMPT_CHARS,
              RequestLimits.DEFAULT_MAX_PROMPT_STRENGTH,
              RequestLimits.DEFAULT_MAX_LIGHT,
              RequestLimits.DEFAULT_MAX_LOOK_CAMERAS,
              RequestLimits.DEFAULT_MAX_VIEWS),
          Vocabulary.ANY,
          Optional.empty());

  /** What is given the bytes. */
  private interface Subject {
    Object of(byte[] bytes) throws InvalidRequest;
  }

  @Test
  void picturesAreDecodedOrInvalid() throws IOException {
    ImageDecoder decoder = new ImageDecoder(16, IMAGES);
    fuzz("decoder", PICTURES, decoder::decode);
  }

  @Test
  void recordsOfTopicsAreReadOrInvalid() throws IOException {
    fuzz("wire", RECORDS, Wire::decodeRequest);
    fuzz("wire", RECORDS, Wire::decodeRender);
    fuzz("wire", RECORDS, Wire::decodeReject);
  }

  @Test
  void recordsOfStateAreReadOrInvalid() throws IOException {
    fuzz("carried", RECORDS, bytes -> CarriedWire.encode(CarriedWire.decode(bytes)));
  }

  @Test
  void requestsAreValidOrInvalid() throws IOException {
    fuzz("validator", RECORDS, bytes -> validator.validate(CarriedWire.decode(bytes)));
    fuzz(
        "validator-picture",
        PICTURES,
        bytes ->
            validator.validate(
                FaceImage.aligned(
                    Header.of("ada", "1"), new EncodedImage(bytes), Optional.empty())));
  }

  private void fuzz(String name, Path seeds, Subject subject) throws IOException {
    List<byte[]> corpus = new ArrayList<>(files(seeds));
    corpus.addAll(files(FOUND));
    corpus.forEach(bytes -> tried(name, bytes, subject));
    Mutations mutations = new Mutations(corpus.stream().filter(FuzzTest::isSmall).toList());
    for (int seed = 0; seed < MUTATIONS; seed++) {
      tried(name, mutations.of(seed), subject);
    }
    long end = System.nanoTime() + SPENT.toNanos();
    for (long seed = System.nanoTime(); System.nanoTime() < end; seed++) {
      tried(name, mutations.of(seed), subject);
    }
  }

  /** A large file is tried as it is; mutated, it would leave no time for others. */
  private static boolean isSmall(byte[] bytes) {
    return bytes.length <= 32 << 10;
  }

  private static List<byte[]> files(Path directory) throws IOException {
    List<byte[]> files = new ArrayList<>();
    try (Stream<Path> paths = Files.list(directory)) {
      for (Path path : paths.filter(file -> !file.toString().endsWith(".md")).sorted().toList()) {
        files.add(Files.readAllBytes(path));
      }
    }
    return files;
  }

  private void tried(String name, byte[] bytes, Subject subject) {
    long start = thread.getCurrentThreadCpuTime();
    long before = thread.getCurrentThreadAllocatedBytes();
    try {
      assertThat(subject.of(bytes.clone())).isNotNull();
    } catch (InvalidRequest e) {
      assertThat(e.getMessage()).isNotBlank();
    } catch (Throwable broken) {
      throw new AssertionError("%s fails on %s".formatted(name, kept(name, bytes)), broken);
    }
    long allocated = thread.getCurrentThreadAllocatedBytes() - before;
    Duration taken = Duration.ofNanos(thread.getCurrentThreadCpuTime() - start);
    if (allocated > MOST_BYTES || taken.compareTo(LONGEST) > 0) {
      throw new AssertionError(
          "%s takes %s and allocates %d bytes for %s"
              .formatted(name, taken, allocated, kept(name, bytes)));
    }
  }

  private static Path kept(String name, byte[] bytes) {
    Path file = KEPT.resolve("%s-%d".formatted(name, System.nanoTime()));
    try {
      Files.createDirectories(KEPT);
      return Files.write(file, bytes);
    } catch (IOException e) {
      throw new AssertionError("the input cannot be kept in " + KEPT, e);
    }
  }
}
