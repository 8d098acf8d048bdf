package dev.galatea;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import dev.galatea.flink.Galatea;
import dev.galatea.flink.RefineOptions;
import dev.galatea.flink.RenderOptions;
import dev.galatea.flink.WireTypeInfo;
import dev.galatea.records.EncodedImage;
import dev.galatea.records.Header;
import dev.galatea.records.SphericalHarmonics;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.LightingEdit;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Galatea in a job of one's own: a local environment, no Kafka, a real (tiny) pack. */
@Timeout(120)
class PluginITCase {

  @Test
  void aJobOfOnesOwnTurnsRequestsIntoRenders() throws Exception {
    List<Request> requests =
        List.of(
            FaceImage.aligned(Header.of("anna", "photo"), portrait(), Optional.empty()),
            new Prompt(Header.of("anna", "hair"), "red hair", "", 1),
            new LightingEdit(
                Header.of("anna", "evening"),
                Optional.of(SphericalHarmonics.directional(-1, 0.2, 1, 1.2, 0.35))),
            new Prompt(Header.of("ben", "beard"), "with a beard", "", 1),
            FaceImage.aligned(
                Header.of("ben", "broken"),
                new EncodedImage("not a picture".getBytes(StandardCharsets.UTF_8)),
                Optional.empty()));

    Configuration config = new Configuration();
    config.set(PipelineOptions.GENERIC_TYPES, false);
    config.set(RefineOptions.PACK, "src/engine/test/resources/packs/tiny");
    config.set(RenderOptions.VIEWS, List.of("0", "0.35:0.1"));
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.createLocalEnvironment(2, config);
    Galatea.Avatars avatars =
        Galatea.with(config).refine(environment.fromData(requests, WireTypeInfo.REQUEST));
    CloseableIterator<Render> renders = avatars.renders().collectAsync();
    CloseableIterator<Render> previews = avatars.previews().collectAsync();
    CloseableIterator<Reject> rejects = avatars.rejects().collectAsync();
    environment.execute();

    List<Render> finals = all(renders);
    assertThat(finals)
        .filteredOn(render -> render.identity().equals("anna"))
        .extracting(Render::requestId, Render::version)
        .containsExactly(tuple("photo", 1L), tuple("hair", 2L), tuple("evening", 3L));
    assertThat(finals)
        .filteredOn(render -> render.identity().equals("ben"))
        .extracting(Render::requestId)
        .containsExactly("beard");
    assertThat(finals).allSatisfy(PluginITCase::isAPictureFromEveryView);
    assertThat(all(previews)).isNotEmpty().allSatisfy(PluginITCase::isAPictureFromEveryView);
    assertThat(all(rejects))
        .singleElement()
        .satisfies(
            reject -> {
              assertThat(reject.requestId()).contains("broken");
              assertThat(reject.reason()).isEqualTo(Reject.Reason.UNSUPPORTED_IMAGE);
            });
  }

  private static void isAPictureFromEveryView(Render render) throws IOException {
    assertThat(render.views()).extracting(Render.View::yaw).containsExactly(0f, 0.35f);
    for (Render.View view : render.views()) {
      BufferedImage picture = ImageIO.read(new ByteArrayInputStream(view.image()));
      assertThat(picture.getWidth()).isEqualTo(32);
    }
    assertThat(render.scores()).isNotEmpty();
    assertThat(render.steps()).isBetween(1, render.budget());
  }

  private static EncodedImage portrait() throws IOException {
    BufferedImage image = new BufferedImage(60, 48, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(new Color(220, 170, 140));
    graphics.fillOval(15, 5, 30, 40);
    graphics.dispose();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    return new EncodedImage(bytes.toByteArray());
  }

  private static <T> List<T> all(CloseableIterator<T> results) throws Exception {
    try (results) {
      List<T> list = new ArrayList<>();
      results.forEachRemaining(list::add);
      return list;
    }
  }
}
