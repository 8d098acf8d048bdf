package dev.galatea.cli.refine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.galatea.cli.Main;
import dev.galatea.engine.avatar.AvatarSnapshot;
import dev.galatea.engine.picture.PictureFiles;
import dev.galatea.engine.testing.PackCopy;
import dev.galatea.records.Picture;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code galatea refine} over the tiny pack. */
class RefineCommandTest {
  private static final Path TINY = Path.of("src/engine/test/resources/packs/tiny");
  private static final String PHOTO =
      "{\"identity\":\"ada\",\"image\":\"ada.png\",\"aligned\":true,\"yaw\":0.1,\"steps\":8}\n";
  private static final String PROMPT =
      "{\"identity\":\"ada\",\"prompt\":\"red hair\",\"steps\":6}\n";
  private static final String LIGHT =
      "{\"identity\":\"ada\",\"light\":{\"from\":[-1,0.2,1]},\"steps\":5}\n";

  @TempDir private Path directory;

  @BeforeEach
  void writePhoto() throws IOException {
    byte[] rgb = new byte[3 * 48 * 48];
    new Random(7).nextBytes(rgb);
    Files.write(
        directory.resolve("ada.png"),
        PictureFiles.encode(new Picture(48, rgb), PictureFiles.Format.PNG, 1));
  }

  @Test
  void everyRequestLeavesItsPicturesOrItsReason() throws Exception {
    Path out = directory.resolve("out");
    String others =
        """
        {"identity":"ben","prompt":"a beard","request_id":"from nothing"}
        {"identity":"cid","image":"requests.jsonl"}
        """;
    Result result = refine(PHOTO + others + PROMPT, out, "--views", "0,0.3:0.1", "--threads", "2");
    assertThat(result.status()).as(result.errors()).isZero();

    Map<String, JsonNode> outcomes = outcomes(out);
    assertThat(outcomes).containsOnlyKeys("line-1", "from nothing", "line-3", "line-4");
    assertThat(outcomes.get("line-4").get("version").asLong()).isEqualTo(2);
    assertThat(outcomes.get("line-4").get("status").asText()).isEqualTo("done");
    assertThat(outcomes.get("line-4").get("steps").asInt()).isEqualTo(6);
    assertThat(outcomes.get("line-4").at("/losses/score-distillation").isNumber()).isTrue();
    assertThat(outcomes.get("from nothing").get("steps").asInt()).isEqualTo(16);
    JsonNode rejected = outcomes.get("line-3");
    assertThat(rejected.get("status").asText()).isEqualTo("rejected");
    assertThat(rejected.get("reason").asText()).isEqualTo("UNSUPPORTED_IMAGE");
    assertThat(rejected.has("version")).isFalse();

    for (String name : List.of("ada/001-0", "ada/001-1", "ada/002-0", "ada/002-1", "ben/001-1")) {
      byte[] file = Files.readAllBytes(out.resolve(name + ".png"));
      assertThat(PictureFiles.toImage(PictureFiles.decode(file, 32)).getWidth()).isEqualTo(32);
    }
    assertThat(out.resolve("cid")).doesNotExist();
  }

  @Test
  void photographsNeedNoRequestFile() throws Exception {
    Path out = directory.resolve("out");
    String photo = directory.resolve("ada.png").toString();
    Result result =
        run(
            List.of(
                "refine",
                "--photo",
                photo,
                photo,
                "--out",
                out.toString(),
                "--steps",
                "2",
                "--pack",
                TINY.toString()));
    assertThat(result.status()).as(result.errors()).isZero();

    assertThat(snapshot(out, "ada").avatar().orElseThrow().version()).isEqualTo(1);
    assertThat(snapshot(out, "ada-2").avatar().orElseThrow().version()).isEqualTo(1);
  }

  @Test
  void anAvatarGoesOnFromItsFileAsIfItHadNeverStopped() throws Exception {
    Path atOnce = directory.resolve("at-once");
    assertThat(refine(PHOTO + PROMPT + LIGHT, atOnce).status()).isZero();
    Path first = directory.resolve("first");
    assertThat(refine(PHOTO + PROMPT, first).status()).isZero();
    Path second = directory.resolve("second");
    assertThat(refine(LIGHT, second, "--avatars", first.toString()).status()).isZero();

    assertThat(pixels(second.resolve("ada/003-0.png")))
        .isEqualTo(pixels(atOnce.resolve("ada/003-0.png")));
    assertThat(snapshot(second, "ada").avatar().orElseThrow().latent())
        .isEqualTo(snapshot(atOnce, "ada").avatar().orElseThrow().latent());
    assertThat(snapshot(second, "ada").requests()).hasSize(3);
  }

  /** Without what the file says of its request, whose id is the line's. */
  private static byte[] pixels(Path file) throws Exception {
    return PictureFiles.decode(Files.readAllBytes(file), 32).rgb();
  }

  @Test
  void aCopiedDirectoryIsABranch() throws Exception {
    Path out = directory.resolve("out");
    assertThat(refine(PHOTO, out).status()).isZero();
    Files.createDirectory(out.resolve("red-haired"));
    Files.copy(out.resolve("ada/avatar.bin"), out.resolve("red-haired/avatar.bin"));

    String prompt = PROMPT.replace("\"ada\"", "\"red-haired\"");
    assertThat(refine(prompt, out, "--avatars", out.toString()).status()).isZero();

    assertThat(outcomes(out).get("line-1").get("version").asLong()).isEqualTo(2);
    assertThat(snapshot(out, "red-haired").avatar().orElseThrow().version()).isEqualTo(2);
    assertThat(snapshot(out, "ada").avatar().orElseThrow().version()).isEqualTo(1);
  }

  @Test
  void optionsGoBeforeThePacksNumbers() throws Exception {
    Path out = directory.resolve("out");
    Path gentle = directory.resolve("gentle");
    assertThat(refine(PHOTO, out).status()).isZero();
    assertThat(refine(PHOTO, gentle, "-D", "galatea.refine.learning-rate=1e-6").status()).isZero();
    assertThat(snapshot(gentle, "ada").avatar().orElseThrow().latent())
        .isNotEqualTo(snapshot(out, "ada").avatar().orElseThrow().latent());
  }

  @Test
  void aPromptThatMeansNothingToThePackIsRejected() throws Exception {
    Path pack = PackCopy.copy(TINY, Files.createDirectory(directory.resolve("pack")));
    PackCopy.addVocabulary(pack);
    Path out = directory.resolve("out");
    String unknown = PROMPT.replace("red hair", "a unicorn");
    assertThat(refine(unknown + PHOTO, out, "--pack", pack.toString()).status()).isZero();

    JsonNode rejected = outcomes(out).get("line-1");
    assertThat(rejected.get("reason").asText()).isEqualTo("PROMPT_NOT_UNDERSTOOD");
    assertThat(rejected.get("message").asText()).endsWith("it knows glasses, red hair, a beard");
    assertThat(outcomes(out).get("line-2").get("version").asLong()).isEqualTo(1);
  }

  @Test
  void mistakesAreToldInOneLineBeforeAnythingIsDone() throws Exception {
    Path out = directory.resolve("out");
    assertMistake(refine(PHOTO + "{\"identity\":\"ada\"}\n", out), "line 2", "exactly one of");
    assertMistake(refine("# nothing\n", out), "holds no request");
    assertMistake(refine(PHOTO, out, "--views", "ahead"), "'ahead' is no view");
    assertMistake(
        refine(PHOTO, out, "-D", "galatea.refine.learning-rate=fast"),
        "galatea.refine.learning-rate");
    assertMistake(
        refine(PHOTO, out, "-D", "galatea.refine.sed=5"),
        "no option galatea.refine.sed; the nearest is galatea.refine.seed");
    assertMistake(
        refine(PHOTO, out, "--pack", directory.toString()), "a pack is a directory with a");
    assertThat(out).doesNotExist();
    assertThat(refine(PHOTO, out, "--threads", "0").status()).isEqualTo(2);
    assertThat(refine(PHOTO, out, "--avatars", "nowhere").errors())
        .contains("no directory nowhere");
    assertThat(refine(PHOTO, out, "--photo", "gone.jpg").errors())
        .contains("--photo: there is no readable file gone.jpg");
    assertThat(
            refine(
                    PHOTO,
                    out,
                    "--photo",
                    directory.resolve("ada.png").toString(),
                    "-D",
                    "galatea.request.image.max-size=1kb")
                .errors())
        .contains("at most 1024 are accepted");
    assertThat(run(List.of("refine")).errors()).contains("give --requests, --photo or both");
  }

  @Test
  void aFileThatIsNoAvatarIsTold() throws Exception {
    Path out = directory.resolve("out");
    Files.createDirectories(out.resolve("ada"));
    Files.writeString(out.resolve("ada/avatar.bin"), "not an avatar");
    assertMistake(refine(PROMPT, out, "--avatars", out.toString()), "holds no avatar", "ada");
  }

  @Test
  void anAvatarOfAnotherPackIsMadeAnewFirst() throws Exception {
    Path out = directory.resolve("out");
    assertThat(refine(PHOTO, out).status()).isZero();
    Path other = PackCopy.copy(TINY, Files.createDirectory(directory.resolve("other")));
    PackCopy.edit(other, manifest -> manifest.put("version", 2));
    String[] more = {"--avatars", out.toString(), "--pack", other.toString()};
    assertThat(refine(PROMPT, out, more).status()).isZero();
    assertThat(Files.readString(out.resolve(OutcomeLog.FILE_NAME))).contains("\"version\":3");

    String[] strict = {"-D", "galatea.pack.on-change=reject", "--avatars", out.toString()};
    refine(PROMPT, out, strict);
    assertThat(Files.readString(out.resolve(OutcomeLog.FILE_NAME))).contains("PACK_CHANGED");
  }

  private static void assertMistake(Result result, String... fragments) {
    assertThat(result.status()).isEqualTo(1);
    assertThat(result.errors()).startsWith("galatea: ").contains(fragments).hasLineCount(1);
  }

  private record Result(int status, String errors) {}

  private Result refine(String requests, Path out, String... more) throws IOException {
    Path file = Files.writeString(directory.resolve("requests.jsonl"), requests);
    List<String> arguments = new ArrayList<>(List.of("refine", "--requests", file.toString()));
    arguments.addAll(List.of("--out", out.toString()));
    if (!List.of(more).contains("--pack")) {
      arguments.addAll(List.of("--pack", TINY.toString()));
    }
    arguments.addAll(List.of(more));
    return run(arguments);
  }

  private static Result run(List<String> arguments) {
    StringWriter errors = new StringWriter();
    CommandLine commandLine = Main.commandLine().setErr(new PrintWriter(errors, true));
    return new Result(commandLine.execute(arguments.toArray(String[]::new)), errors.toString());
  }

  /** Lines of the log by their request's id. */
  private static Map<String, JsonNode> outcomes(Path out) throws IOException {
    Map<String, JsonNode> outcomes = new HashMap<>();
    for (String line : Files.readAllLines(out.resolve(OutcomeLog.FILE_NAME))) {
      JsonNode outcome = new ObjectMapper().readTree(line);
      outcomes.put(outcome.get("request_id").asText(), outcome);
    }
    return outcomes;
  }

  private static AvatarSnapshot snapshot(Path out, String folder) throws IOException {
    byte[] bytes = Files.readAllBytes(out.resolve(folder).resolve("avatar.bin"));
    return AvatarSnapshot.CODEC.read(new DataInputStream(new ByteArrayInputStream(bytes)));
  }
}
