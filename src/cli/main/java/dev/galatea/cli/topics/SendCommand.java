package dev.galatea.cli.topics;

import dev.galatea.cli.Main;
import dev.galatea.cli.UserError;
import dev.galatea.flink.ConfigurationFiles;
import dev.galatea.kafka.KafkaNotReadyException;
import dev.galatea.kafka.RequestSender;
import dev.galatea.kafka.job.ConnectionArguments;
import dev.galatea.records.Camera;
import dev.galatea.records.EncodedImage;
import dev.galatea.records.Header;
import dev.galatea.records.Image;
import dev.galatea.records.ImageReference;
import dev.galatea.records.Priority;
import dev.galatea.records.SphericalHarmonics;
import dev.galatea.records.Terms;
import dev.galatea.records.Viewpoint;
import dev.galatea.records.request.Cancel;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.Forget;
import dev.galatea.records.request.LightingEdit;
import dev.galatea.records.request.Look;
import dev.galatea.records.request.Message;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Revert;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code galatea send}: one request from a shell. */
@Command(
    name = "send",
    description = {
      "Sends one request or command to its topic.",
      "",
      "  galatea send photo ada ada.jpg --bootstrap-servers localhost:9092",
      "  galatea send prompt ada 'wearing round glasses' --bootstrap-servers localhost:9092",
      "  galatea send light ada --from -1,0.2,1 --bootstrap-servers localhost:9092",
      "  galatea send look ada --yaws -0.6,0,0.6 --bootstrap-servers localhost:9092",
      "  galatea send cancel ada REQUEST --bootstrap-servers localhost:9092",
      "  galatea send revert ada 3 --bootstrap-servers localhost:9092",
      "  galatea send forget ada --bootstrap-servers localhost:9092",
      ""
    },
    synopsisSubcommandLabel = "(photo | prompt | light | look | cancel | revert | forget)",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
public final class SendCommand {
  /** Of the camera in {@code schemas/FaceImage.avsc}. */
  private static final double RADIUS = 2.7;

  private static final double FOCAL = 4.2647;
  private static final int DIRECTION = 3;

  @Spec private CommandSpec spec;

  /** What every message has. */
  static class Common {
    @Parameters(index = "0", paramLabel = "IDENTITY", description = "Whose avatar.")
    private String identity;

    @Mixin private ConnectionArguments connection;

    @Option(
        names = "--request-id",
        paramLabel = "ID",
        description = "Unique within the identity. Default: one that is made up.")
    private String requestId;

    Header header() {
      return new Header(
          identity,
          requestId == null ? "shell-" + UUID.randomUUID() : requestId,
          Instant.now().truncatedTo(ChronoUnit.MILLIS),
          terms(),
          Optional.empty());
    }

    Terms terms() {
      return Terms.DEFAULTS;
    }
  }

  /** What every request has. */
  static final class Refining extends Common {
    @Option(
        names = "--steps",
        paramLabel = "N",
        description = "Gradient steps. Default: the pack's.")
    private Integer steps;

    @Option(
        names = "--deadline",
        paramLabel = "SECONDS",
        description = "Is of no use unless its first step begins within so many. Default: never.")
    private Long seconds;

    @Option(
        names = "--priority",
        paramLabel = "PRIORITY",
        defaultValue = "normal",
        description = "normal, or low for what can wait. Default: ${DEFAULT-VALUE}.")
    private Priority priority;

    @Option(
        names = "--views",
        paramLabel = "RADIANS",
        split = ",",
        description =
            "How far right of the face its pictures are taken, by commas. Default: the job's views.")
    private List<Float> yaws = List.of();

    @Override
    Terms terms() {
      Optional<Instant> deadline = Optional.ofNullable(seconds).map(Instant.now()::plusSeconds);
      List<Viewpoint> views = yaws.stream().map(yaw -> new Viewpoint(yaw, 0)).toList();
      return new Terms(Optional.ofNullable(steps), deadline, priority, views);
    }
  }

  @Command(
      name = "photo",
      description = "Sends a photo of a face.",
      mixinStandardHelpOptions = true,
      versionProvider = Main.Version.class)
  int photo(
      @Mixin Refining common,
      @Parameters(index = "1", paramLabel = "FILE", description = "A PNG, JPEG or WebP file.")
          Path file,
      @Option(
              names = "--aligned",
              description = "The picture is the pack's crop already: do not look for the face.")
          boolean aligned,
      @Option(
              names = "--yaw",
              paramLabel = "RADIANS",
              description =
                  "How far right of an aligned face the camera stood. Default: the pack finds it.")
          Double yaw,
      @Option(
              names = "--pitch",
              paramLabel = "RADIANS",
              description = "How far above the face the camera stood.")
          Double pitch,
      @Option(
              names = "--at",
              paramLabel = "URI",
              description =
                  "Where the file lies for the job, such as s3://faces/ada.jpg: send that with the"
                      + " file's size and SHA-256, instead of the file. The job reads it if"
                      + " galatea.claim.allow names its folder.")
          String at) {
    Optional<Camera> camera =
        yaw == null && pitch == null
            ? Optional.empty()
            : Optional.of(
                Camera.orbit(yaw == null ? 0 : yaw, pitch == null ? 0 : pitch, RADIUS, FOCAL));
    if (camera.isPresent() && !aligned) {
      throw new ParameterException(
          spec.commandLine(), "--yaw and --pitch belong to an aligned picture: add --aligned");
    }
    byte[] bytes = read(file);
    Image image =
        at == null ? new EncodedImage(bytes) : new ImageReference(at, sha256(bytes), bytes.length);
    return send(
        common,
        aligned
            ? FaceImage.aligned(common.header(), image, camera)
            : FaceImage.photo(common.header(), image));
  }

  @Command(
      name = "prompt",
      description = "Sends words that the avatar shall follow.",
      mixinStandardHelpOptions = true,
      versionProvider = Main.Version.class)
  int prompt(
      @Mixin Refining common,
      @Parameters(
              index = "1",
              paramLabel = "TEXT",
              description = "The words; '' clears an earlier prompt.")
          String text,
      @Option(names = "--negative", paramLabel = "TEXT", description = "What to keep away from.")
          String negative,
      @Option(
              names = "--strength",
              paramLabel = "X",
              defaultValue = "1",
              description = "Factor on the prompt's weight. Default: ${DEFAULT-VALUE}.")
          double strength) {
    String against = negative == null ? "" : negative;
    return send(common, new Prompt(common.header(), text, against, strength));
  }

  @Command(
      name = "light",
      description = "Sends the light that the avatar shall stand in.",
      mixinStandardHelpOptions = true,
      versionProvider = Main.Version.class)
  int light(
      @Mixin Refining common,
      @Option(
              names = "--from",
              paramLabel = "X,Y,Z",
              description = "Where the light comes from: right, up, towards the viewer.")
          String from,
      @Option(names = "--clear", description = "Give back the light as it was.") boolean clear,
      @Option(
              names = "--strength",
              paramLabel = "X",
              defaultValue = "1",
              description = "Shading that the light adds. Default: ${DEFAULT-VALUE}.")
          double strength,
      @Option(
              names = "--ambient",
              paramLabel = "X",
              defaultValue = "0.3",
              description = "Shading that reaches every surface. Default: ${DEFAULT-VALUE}.")
          double ambient) {
    if (clear == (from != null)) {
      throw new ParameterException(spec.commandLine(), "a light has either --from or --clear");
    }
    Optional<SphericalHarmonics> light =
        clear ? Optional.empty() : Optional.of(harmonics(from, strength, ambient));
    return send(common, new LightingEdit(common.header(), light));
  }

  @Command(
      name = "look",
      description = "Asks for pictures of the avatar as it is; they come to the topic of views.",
      mixinStandardHelpOptions = true,
      versionProvider = Main.Version.class)
  int look(
      @Mixin Common common,
      @Option(
              names = "--yaws",
              paramLabel = "RADIANS",
              split = ",",
              defaultValue = "0",
              description =
                  "How far right of the face the cameras stand, by commas. Default: ${DEFAULT-VALUE}.")
          List<Double> yaws,
      @Option(
              names = "--pitch",
              paramLabel = "RADIANS",
              defaultValue = "0",
              description = "How far above the face they stand. Default: ${DEFAULT-VALUE}.")
          double pitch) {
    List<Camera> cameras =
        yaws.stream().map(yaw -> Camera.orbit(yaw, pitch, RADIUS, FOCAL)).toList();
    return send(common, new Look(common.header(), cameras));
  }

  @Command(
      name = "cancel",
      description = "Drops a request that waits or is in hand.",
      mixinStandardHelpOptions = true,
      versionProvider = Main.Version.class)
  int cancel(
      @Mixin Common common,
      @Parameters(index = "1", paramLabel = "REQUEST", description = "The request's id.")
          String target) {
    return send(common, new Cancel(common.header(), target));
  }

  @Command(
      name = "revert",
      description = "Goes back to one of the last versions, as a new version.",
      mixinStandardHelpOptions = true,
      versionProvider = Main.Version.class)
  int revert(
      @Mixin Common common,
      @Parameters(index = "1", paramLabel = "VERSION", description = "The version to go back to.")
          long version) {
    return send(common, new Revert(common.header(), version));
  }

  @Command(
      name = "forget",
      description = "Erases the avatar and all that is kept of the identity, for good.",
      mixinStandardHelpOptions = true,
      versionProvider = Main.Version.class)
  int forget(@Mixin Common common) {
    return send(common, new Forget(common.header()));
  }

  private SphericalHarmonics harmonics(String from, double strength, double ambient) {
    try {
      List<Double> direction = Stream.of(from.split(",")).map(Double::valueOf).toList();
      if (direction.size() == DIRECTION) {
        return SphericalHarmonics.directional(
            direction.get(0), direction.get(1), direction.get(2), strength, ambient);
      }
    } catch (IllegalArgumentException e) {
      throw wrong(from, e);
    }
    throw wrong(from, null);
  }

  private ParameterException wrong(String from, Exception cause) {
    return new ParameterException(
        spec.commandLine(),
        "--from is X,Y,Z, three numbers that are not all 0, such as -1,0.2,1; not '%s'"
            .formatted(from),
        cause);
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UserError("the photo %s cannot be read".formatted(file), e);
    }
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private int send(Common common, Message message) {
    try (RequestSender sender =
        RequestSender.open(common.connection.configuration(ConfigurationFiles.recommended()))) {
      Header.Origin origin = sender.send(message);
      PrintWriter out = spec.commandLine().getOut();
      out.printf(
          "%s sent to %s-%d@%d%n",
          message.header().requestId(), origin.topic(), origin.partition(), origin.offset());
      out.flush();
      return 0;
    } catch (KafkaNotReadyException | IllegalArgumentException e) {
      throw new UserError(e.getMessage(), e);
    }
  }
}
