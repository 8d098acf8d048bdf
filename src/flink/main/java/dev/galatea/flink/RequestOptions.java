package dev.galatea.flink;

import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.engine.photograph.FaceLimits;
import dev.galatea.engine.picture.ImageLimits;
import dev.galatea.engine.validate.RequestLimits;
import dev.galatea.records.request.Request;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.ReadableConfig;

/** What a request may be; anything beyond is rejected before a device sees it. */
public final class RequestOptions {
  static {
    WireTypeInfo.makeKnown();
  }

  public static final ConfigOption<MemorySize> MAX_IDENTITY =
      ConfigOptions.key("galatea.request.identity.max-size")
          .memoryType()
          .defaultValue(new MemorySize(RequestLimits.DEFAULT_MAX_IDENTITY_BYTES))
          .withDescription("Longest identity, as UTF-8.");

  public static final ConfigOption<MemorySize> MAX_REQUEST_ID =
      ConfigOptions.key("galatea.request.request-id.max-size")
          .memoryType()
          .defaultValue(new MemorySize(RequestLimits.DEFAULT_MAX_REQUEST_ID_BYTES))
          .withDescription("Longest request id, as UTF-8.");

  public static final ConfigOption<MemorySize> MAX_IMAGE =
      ConfigOptions.key("galatea.request.image.max-size")
          .memoryType()
          .defaultValue(new MemorySize(ImageLimits.DEFAULTS.maxBytes()))
          .withDescription("Largest encoded image.");

  public static final ConfigOption<Long> MAX_IMAGE_PIXELS =
      ConfigOptions.key("galatea.request.image.max-pixels")
          .longType()
          .defaultValue(ImageLimits.DEFAULTS.maxPixels())
          .withDescription(
              "Most pixels, width times height, of an image; read from its header before it is"
                  + " decoded. Decoders take memory outside the heap: some 6 bytes for each pixel of"
                  + " a progressive JPEG, 12 of a WebP, and of a WebP that is made to harm up to"
                  + " 600 MB.");

  public static final ConfigOption<Duration> MAX_DECODE_TIME =
      ConfigOptions.key("galatea.request.image.max-decode-time")
          .durationType()
          .defaultValue(ImageLimits.DEFAULTS.maxDecodeTime())
          .withDescription(
              "How long decoding a PNG or a JPEG may take; what takes longer is stopped and rejected as"
                  + " IMAGE_TOO_LARGE. Identities behind it on its subtask wait no longer for it. The"
                  + " decoder of WebP is not stopped: the bound of pixels is one of its time too.");

  public static final ConfigOption<Integer> MIN_FACE_PIXELS =
      ConfigOptions.key("galatea.request.face.min-pixels")
          .intType()
          .defaultValue(FaceLimits.DEFAULTS.minPixels())
          .withDescription(
              "Fewest pixels along a side of the square that is cut out about the head of a"
                  + " photograph.");

  public static final ConfigOption<Integer> MAX_FACE_CANDIDATES =
      ConfigOptions.key("galatea.request.face.max-candidates")
          .intType()
          .defaultValue(FaceLimits.DEFAULTS.maxCandidates())
          .withDescription(
              "Most places of a photograph that are looked at for a face, the largest and most"
                  + " central first; as many again where it has to be turned to find one, by either"
                  + " side, and for the middle of a picture in which none is found.");

  public static final ConfigOption<Integer> MAX_PROMPT_CHARS =
      ConfigOptions.key("galatea.request.prompt.max-chars")
          .intType()
          .defaultValue(RequestLimits.DEFAULT_MAX_PROMPT_CHARS)
          .withDescription("Longest prompt, and longest negative prompt, in characters.");

  public static final ConfigOption<Double> MAX_PROMPT_STRENGTH =
      ConfigOptions.key("galatea.request.prompt.max-strength")
          .doubleType()
          .defaultValue(RequestLimits.DEFAULT_MAX_PROMPT_STRENGTH)
          .withDescription("Greatest strength of a prompt; 1 is as the pack was tuned.");

  public static final ConfigOption<Float> MAX_LIGHT =
      ConfigOptions.key("galatea.request.light.max-coefficient")
          .floatType()
          .defaultValue(RequestLimits.DEFAULT_MAX_LIGHT)
          .withDescription("Greatest magnitude of a light's spherical-harmonics coefficient.");

  public static final ConfigOption<Integer> MAX_LOOK_CAMERAS =
      ConfigOptions.key("galatea.request.look.max-cameras")
          .intType()
          .defaultValue(RequestLimits.DEFAULT_MAX_LOOK_CAMERAS)
          .withDescription("Most pictures that a look may ask for.");

  public static final ConfigOption<MemorySize> MAX_REJECT_PAYLOAD =
      ConfigOptions.key("galatea.reject.payload.max-size")
          .memoryType()
          .defaultValue(MemorySize.parse("64kb"))
          .withDescription("Bytes of the rejected request that a reject carries; the rest is cut.");

  private RequestOptions() {}

  /** The configured limits, and what the pack asks for and supports. */
  static RequestLimits limits(ReadableConfig config, PackManifest manifest) {
    return limits(
        config,
        manifest.imageSize(),
        Arrays.stream(Request.Kind.values())
            .filter(manifest::supports)
            .collect(Collectors.toSet()));
  }

  /** The configured limits for pictures of a size and the given kinds of request. */
  static RequestLimits limits(ReadableConfig config, int imageSize, Set<Request.Kind> kinds) {
    return new RequestLimits(
        imageSize,
        kinds,
        Math.toIntExact(config.get(MAX_IDENTITY).getBytes()),
        Math.toIntExact(config.get(MAX_REQUEST_ID).getBytes()),
        config.get(RefineOptions.MAX_STEPS),
        new ImageLimits(
            Math.toIntExact(config.get(MAX_IMAGE).getBytes()),
            config.get(MAX_IMAGE_PIXELS),
            config.get(MAX_DECODE_TIME)),
        new FaceLimits(config.get(MIN_FACE_PIXELS), config.get(MAX_FACE_CANDIDATES)),
        config.get(MAX_PROMPT_CHARS),
        config.get(MAX_PROMPT_STRENGTH),
        config.get(MAX_LIGHT),
        config.get(MAX_LOOK_CAMERAS),
        config.get(RenderOptions.MAX_VIEWS));
  }
}
