package dev.galatea.flink.internal.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.galatea.flink.ClaimOptions;
import dev.galatea.records.EncodedImage;
import dev.galatea.records.Header;
import dev.galatea.records.ImageReference;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.Message;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.Reject.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReaderTest {
  private static final byte[] FILE = "a picture".getBytes(StandardCharsets.UTF_8);
  private static final int MAX_BYTES = 100;

  @TempDir private Path directory;
  private final Configuration config = new Configuration();
  private Path photos;

  @BeforeEach
  void allowOneFolder() throws IOException {
    photos = Files.createDirectories(directory.resolve("photos"));
    config.set(ClaimOptions.ALLOW, List.of(uri(photos)));
    HangingFileSystem.holdOn();
  }

  @AfterEach
  void letGo() {
    HangingFileSystem.letGo();
  }

  @Test
  void aFileInAnAllowedFolderTakesThePlaceOfItsReference() throws Exception {
    Path file =
        Files.write(Files.createDirectories(photos.resolve("a/b")).resolve("ada.jpg"), FILE);
    FaceImage sent = FaceImage.photo(Header.of("ada", "1"), reference(uri(file)));

    FaceImage read = (FaceImage) resolve(sent);

    assertThat(((EncodedImage) read.image()).bytes()).isEqualTo(FILE);
    assertThat(read.header()).isEqualTo(sent.header());
    assertThat(read.aligned()).isFalse();
  }

  @Test
  void whatRefersToNothingPasses() throws Exception {
    Message prompt = new Prompt(Header.of("ada", "1"), "smiling", "", 1);

    assertThat(resolve(prompt)).isSameAs(prompt);
  }

  @Test
  void noReferenceIsReadUnlessAFolderIsAllowed() {
    config.removeConfig(ClaimOptions.ALLOW);

    assertInvalid(
        reference(uri(photos.resolve("ada.jpg"))),
        Reason.BAD_REFERENCE,
        "pictures by reference are not read here, since galatea.claim.allow is empty");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "file:///etc/passwd",
        "file:/etc/passwd",
        "file://localhost{photos}/ada.jpg",
        "{photos}/ada.jpg",
        "FILE://{photos}/ada.jpg",
        "file://{photos}/../secret",
        "file://{photos}/a/../../secret",
        "file://{photos}/./ada.jpg",
        "file://{photos}//ada.jpg",
        "file://{photos}/%2e%2e/secret",
        "file://{photos}/..%2fsecret",
        "file://{photos}/ada%00.jpg",
        "file://{photos}\\..\\secret",
        "file://{photos}/ada.jpg?x=1",
        "file://{photos}/ada.jpg#x",
        "file://{photos}-of-others/ada.jpg",
        "file://{photos}",
        "file://{photos}/",
        "http://169.254.169.254/latest/meta-data/",
        "https://example.com/ada.jpg",
        "s3://faces/ada.jpg",
        "hdfs://namenode/ada.jpg",
        "jar:file:{photos}/a.jar!/ada.jpg",
        "data:image/png;base64,AQID",
        "file://user:secret@host{photos}/ada.jpg",
        " file://{photos}/ada.jpg",
        "",
      })
  void whatIsInNoAllowedFolderIsRefusedUnread(String uri) throws IOException {
    Files.write(directory.resolve("secret"), FILE);
    Files.write(photos.resolve("ada.jpg"), FILE);

    assertInvalid(
        reference(uri.replace("{photos}", photos.toRealPath().toString())),
        Reason.BAD_REFERENCE,
        "galatea.claim.allow");
  }

  @Test
  void aLinkThatLeadsOutOfTheFolderIsRefused() throws IOException {
    Path secret = Files.write(directory.resolve("secret"), FILE);
    Files.createSymbolicLink(photos.resolve("link"), secret);
    Files.createSymbolicLink(photos.resolve("folder"), directory);
    Files.write(photos.resolve("ada.jpg"), FILE);
    Files.createSymbolicLink(photos.resolve("within"), photos.resolve("ada.jpg"));

    for (String name : List.of("link", "folder/secret")) {
      assertInvalid(
          reference(uri(photos) + name), Reason.BAD_REFERENCE, "leads out of the folders of");
    }
    assertThat(read(reference(uri(photos) + "within"))).isEqualTo(FILE);
  }

  @Test
  void aPipeIsNotWaitedFor() throws Exception {
    Path pipe = photos.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();

    assertInvalid(reference(uri(pipe)), Reason.BAD_REFERENCE, "or to no regular file");
  }

  @Test
  void aFileThatIsNotTheOneToldOfIsRefused() throws IOException {
    String uri = uri(Files.write(photos.resolve("ada.jpg"), FILE));

    assertInvalid(
        new ImageReference(uri, "0f".repeat(32), FILE.length),
        Reason.BAD_REFERENCE,
        "its size or SHA-256 differs");
    assertInvalid(
        new ImageReference(uri, sha256(FILE), FILE.length - 1),
        Reason.BAD_REFERENCE,
        "its size or SHA-256 differs");
    assertInvalid(
        new ImageReference(uri, "0x" + "f".repeat(62), FILE.length),
        Reason.BAD_REFERENCE,
        "sha256 is not 64 hexadecimal digits");
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, MAX_BYTES + 1, Long.MAX_VALUE})
  void aSizeBeyondTheBoundIsRefusedUnread(long size) {
    assertInvalid(
        new ImageReference(uri(photos.resolve("none")), sha256(FILE), size),
        Reason.IMAGE_TOO_LARGE,
        "1 to 100 are accepted");
  }

  @Test
  void aFileThatIsNotThereIsTold() {
    assertInvalid(
        reference(uri(photos.resolve("none"))), Reason.REFERENCE_UNREADABLE, "is not there");
  }

  @Test
  void aFileSystemThatDoesNotAnswerHoldsNobodyUpForLongerThanTheBound() throws Exception {
    Files.write(photos.resolve("ada.jpg"), FILE);
    config.set(ClaimOptions.ALLOW, List.of(uri(photos), "hang://" + photos));
    config.set(ClaimOptions.MAX_TIME, Duration.ofMillis(50));
    config.set(ClaimOptions.MAX_READERS, 2);
    ImageReference hanging = reference("hang://" + photos + "/ada.jpg");
    try (ImageReader reader = reader()) {
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> reader.resolve(face(hanging)))
            .isInstanceOf(InvalidRequest.class)
            .hasMessageContaining("was not read within 50 ms (galatea.claim.max-time)");
      }
      assertThatThrownBy(() -> reader.resolve(face(hanging)))
          .hasMessageContaining("all 2 readers wait for file systems that do not answer");

      HangingFileSystem.letGo();
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .ignoreExceptionsInstanceOf(InvalidRequest.class)
          .until(() -> reader.resolve(face(hanging)) != null);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/srv/photos, does not begin with a file system such as s3://",
    "https://example.com/photos, 'is on the web, where pictures are not read from'",
    "s3://faces/../other, has a segment of dots",
    "s3:faces, does not begin with a file system such as s3://",
  })
  void aMistakenFolderIsTold(String folder, String message) {
    config.set(ClaimOptions.ALLOW, List.of(folder));

    assertThatThrownBy(() -> ClaimSettings.of(config, MAX_BYTES))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("galatea.claim.allow: '%s' %s".formatted(folder, message));
  }

  private static String uri(Path path) {
    return "file://" + path + (Files.isDirectory(path) ? "/" : "");
  }

  private static ImageReference reference(String uri) {
    return new ImageReference(uri, sha256(FILE), FILE.length);
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static FaceImage face(ImageReference reference) {
    return FaceImage.photo(Header.of("ada", "1"), reference);
  }

  private ImageReader reader() {
    return new ImageReader(ClaimSettings.of(config, MAX_BYTES));
  }

  private Message resolve(Message message) throws Exception {
    try (ImageReader reader = reader()) {
      return reader.resolve(message);
    }
  }

  private byte[] read(ImageReference reference) {
    try {
      return ((EncodedImage) ((FaceImage) resolve(face(reference))).image()).bytes();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private void assertInvalid(ImageReference reference, Reason reason, String message) {
    assertThatThrownBy(() -> resolve(face(reference)))
        .isInstanceOfSatisfying(InvalidRequest.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(message)
        .hasMessageNotContaining(directory.toString());
  }
}
