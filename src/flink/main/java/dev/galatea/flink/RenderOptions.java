package dev.galatea.flink;

import dev.galatea.engine.picture.PictureFiles;
import dev.galatea.engine.validate.RequestLimits;
import dev.galatea.records.Viewpoint;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.ReadableConfig;

/** Which pictures renders hold. */
public final class RenderOptions {
  static {
    WireTypeInfo.makeKnown();
  }

  public static final ConfigOption<List<String>> VIEWS =
      ConfigOptions.key("galatea.render.views")
          .stringType()
          .asList()
          .defaultValues("0")
          .withDescription(
              "Where pictures are taken from, unless a request has views of its own: yaw or yaw:pitch in radians for each view, as in"
                  + " -0.35;0;0.35:0.1. Positive yaw is to the right of the frontal picture,"
                  + " positive pitch up.");

  public static final ConfigOption<Integer> MAX_VIEWS =
      ConfigOptions.key("galatea.render.views.max")
          .intType()
          .defaultValue(RequestLimits.DEFAULT_MAX_VIEWS)
          .withDescription(
              "Most views that may be asked for, by the configuration and by a request with views of"
                  + " its own.");

  public static final ConfigOption<PictureFiles.Format> FORMAT =
      ConfigOptions.key("galatea.render.format")
          .enumType(PictureFiles.Format.class)
          .defaultValue(PictureFiles.Format.PNG)
          .withDescription("File format of pictures.");

  public static final ConfigOption<Double> JPEG_QUALITY =
      ConfigOptions.key("galatea.render.jpeg-quality")
          .doubleType()
          .defaultValue(0.9)
          .withDescription("Quality of JPEG pictures, above 0 and at most 1.");

  public static final ConfigOption<Boolean> PROVENANCE =
      ConfigOptions.key("galatea.render.provenance")
          .booleanType()
          .defaultValue(true)
          .withDescription(
              "Whether the file of each picture says, as XMP, that a trained model made it, with the"
                  + " pack, its licence, the request's id and the avatar's version. The identity is"
                  + " left out.");

  public static final ConfigOption<MemorySize> MAX_SIZE =
      ConfigOptions.key("galatea.render.max-size")
          .memoryType()
          .defaultValue(MemorySize.ofMebiBytes(9))
          .withFallbackKeys("galatea.kafka.max-record-size")
          .withDescription(
              "Largest record of a render; a request with a larger one is rejected as"
                  + " RENDER_TOO_LARGE, and a larger preview is left out. Where it is not set,"
                  + " galatea.kafka.max-record-size holds.");

  private RenderOptions() {}

  /** The bound of a render's record. */
  public static int maxBytes(ReadableConfig config) {
    long bytes = config.get(MAX_SIZE).getBytes();
    if (bytes < 1 || bytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "%s is %d bytes: it lies from 1 byte to 2 GiB".formatted(MAX_SIZE.key(), bytes));
    }
    return (int) bytes;
  }

  /** The views asked for. */
  public static List<Viewpoint> views(ReadableConfig config) {
    List<Viewpoint> views = new ArrayList<>();
    for (String view : config.get(VIEWS)) {
      views.add(view(view));
    }
    int most = config.get(MAX_VIEWS);
    if (views.isEmpty() || views.size() > most) {
      throw new IllegalArgumentException(
          "%s must name 1 to %d views, not %d".formatted(VIEWS.key(), most, views.size()));
    }
    return views;
  }

  private static Viewpoint view(String text) {
    String[] angles = text.trim().split(":", -1);
    try {
      float yaw = Float.parseFloat(angles[0]);
      float pitch = angles.length > 1 ? Float.parseFloat(angles[1]) : 0;
      if (angles.length <= 2 && Math.abs(yaw) <= Math.PI && Math.abs(pitch) < Math.PI / 2) {
        return new Viewpoint(yaw, pitch);
      }
    } catch (NumberFormatException notANumber) {
      // Falls through to the message that says what would be right.
    }
    throw new IllegalArgumentException(
        "%s: '%s' is no view; write yaw or yaw:pitch in radians, yaw within ±π, pitch within ±π/2"
            .formatted(VIEWS.key(), text));
  }
}
