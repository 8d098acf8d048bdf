package dev.galatea.cli.requests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.galatea.cli.UserError;
import dev.galatea.records.EncodedImage;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.LightingEdit;
import dev.galatea.records.request.Prompt;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestFileTest {
  private static final byte[] PICTURE = {1, 2, 3};

  @Test
  void everyKindOfLineBecomesItsRequest() throws IOException {
    RequestFile file =
        read(
            """
            {"identity":"ada","image":"ada.png","aligned":true,"yaw":0.1,"pitch":0}
            {"identity":"ada","prompt":"wearing round glasses","strength":0.5,"request_id":"r","steps":7}

            {"identity":"ada","light":{"from":[-1,0.2,1],"strength":1.2,"ambient":0.35}}
            {"identity":"ada","light":{"sh":[1,2,3,4,5,6,7,8,9]}}
            {"identity":"ada","light":"clear"}
            """);
    assertThat(file.broken()).isEmpty();
    assertThat(file.lines())
        .extracting(RequestLine::place)
        .containsExactly("line 1", "line 2", "line 4", "line 5", "line 6");

    FaceImage face = (FaceImage) file.lines().get(0).request();
    assertThat(((EncodedImage) face.image()).bytes()).isEqualTo(PICTURE);
    assertThat(face.aligned()).isTrue();
    assertThat(face.camera().orElseThrow().yaw()).isCloseTo(0.1, within(1e-6));
    assertThat(face.header().requestId()).isEqualTo("line-1");
    assertThat(face.header().terms().steps()).isEqualTo(Optional.of(40));

    Prompt prompt = (Prompt) file.lines().get(1).request();
    assertThat(prompt.text()).isEqualTo("wearing round glasses");
    assertThat(prompt.strength()).isEqualTo(0.5);
    assertThat(prompt.header().requestId()).isEqualTo("r");
    assertThat(prompt.header().terms().steps()).isEqualTo(Optional.of(7));

    LightingEdit directional = (LightingEdit) file.lines().get(2).request();
    double length = Math.sqrt(1 + 0.04 + 1);
    assertThat(directional.light().orElseThrow().shading(-1 / length, 0.2 / length, 1 / length))
        .isCloseTo(1.2 + 0.35, within(1e-5));
    LightingEdit harmonics = (LightingEdit) file.lines().get(3).request();
    assertThat(harmonics.light().orElseThrow().coefficients())
        .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9);
    assertThat(((LightingEdit) file.lines().get(4).request()).light()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{\"identity\":\"ada\",|not JSON",
        "[1]|JSON object",
        "{\"prompt\":\"smiling\"}|\"identity\"",
        "{\"identity\":\"ada\"}|exactly one of",
        "{\"identity\":\"ada\",\"prompt\":\"x\",\"light\":\"clear\"}|exactly one of",
        "{\"identity\":\"ada\",\"prompt\":\"x\",\"promt\":\"y\"}|no field \"promt\"",
        "{\"identity\":\"ada\",\"prompt\":\"x\",\"prompt\":\"y\"}|Duplicate field",
        "{\"identity\":\"ada\",\"prompt\":1}|\"prompt\" is text",
        "{\"identity\":\"ada\",\"prompt\":\"x\",\"steps\":1.5}|\"steps\" is a whole number",
        "{\"identity\":\"ada\",\"image\":\"gone.png\"}|there is no file gone.png",
        "{\"identity\":\"ada\",\"image\":\"ada.png\",\"yaw\":0.1}|add \"aligned\": true",
        "{\"identity\":\"ada\",\"image\":\"ada.png\",\"aligned\":1}|\"aligned\" is true or false",
        "{\"identity\":\"ada\",\"image\":\"ada.png\",\"camera\":[1,2]}|\"camera\" is a list of 25",
        "{\"identity\":\"ada\",\"light\":{\"sh\":[1]}}|\"sh\" is a list of 9",
        "{\"identity\":\"ada\",\"light\":{\"from\":[0,0,0]}}|must not be 0",
        "{\"identity\":\"ada\",\"light\":\"off\"}|\"light\" is",
        "{\"identity\":\"ada\",\"prompt\":\"z\",\"request_id\":\"first\"}|repeats the request_id",
      })
  void aBrokenLineIsNumberedAndTheOthersRun(String line, String message) throws IOException {
    RequestFile file =
        read(
            """
            {"identity":"ada","prompt":"smiling","request_id":"first"}
            %s
            {"identity":"ada","light":"clear"}
            """
                .formatted(line));
    assertThat(file.lines()).extracting(RequestLine::place).containsExactly("line 1", "line 3");
    assertThat(file.broken())
        .singleElement()
        .satisfies(
            broken -> {
              assertThat(broken.number()).isEqualTo(2);
              assertThat(broken.message()).contains(message);
            });
  }

  @Test
  void aPhotoIsAPhotographAsItWasTakenUnlessTheLineSaysOtherwise() throws IOException {
    RequestFile file = read("{\"identity\":\"ada\",\"image\":\"ada.png\"}");
    FaceImage face = (FaceImage) file.lines().get(0).request();
    assertThat(face.aligned()).isFalse();
    assertThat(face.camera()).isEmpty();
  }

  @Test
  void photographsBecomeIdentitiesThatAreNamedAsTheirFiles(@TempDir Path directory)
      throws IOException {
    Path me = Files.write(directory.resolve("me.jpg"), PICTURE);
    String longName = "x".repeat(240) + ".jpg";
    List<Path> photos =
        List.of(
            me,
            directory.resolve("sub/me.png"),
            directory.resolve("ada.png"),
            directory.resolve("at\tsea.jpg"),
            directory.resolve(".jpg"),
            directory.resolve(longName));

    List<RequestLine> lines =
        read("{\"identity\":\"ada\",\"light\":\"clear\"}").after(photos, Optional.of(7)).lines();

    assertThat(lines)
        .extracting(RequestLine::identity)
        .containsExactly("me", "me-2", "ada-2", "at sea", ".jpg", "x".repeat(200), "ada");
    FaceImage face = (FaceImage) lines.get(0).request();
    assertThat(face.aligned()).isFalse();
    assertThat(((EncodedImage) face.image()).bytes()).isEqualTo(PICTURE);
    assertThat(face.header().terms().steps()).contains(7);
  }

  @Test
  void moreLinesThanTheLimitAreRefused() {
    String line = "{\"identity\":\"ada\",\"light\":\"clear\"}\n";
    assertThatThrownBy(() -> read(line.repeat(11)))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("--max-requests");
  }

  private static RequestFile read(String text) throws IOException {
    Map<String, byte[]> files = Map.of("ada.png", PICTURE);
    RequestFile.Pictures pictures =
        new RequestFile.Pictures() {
          @Override
          public boolean exists(String name) {
            return files.containsKey(name);
          }

          @Override
          public byte[] read(String name) {
            return files.get(name);
          }
        };
    return RequestFile.read(
        new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
        new LineReader(pictures, 2.7, 4.2647, Optional.of(40)),
        10);
  }
}
