package dev.galatea.engine.photograph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.galatea.engine.pack.TestPacks;
import dev.galatea.engine.photograph.MadeUpPhotographs.Person;
import dev.galatea.engine.picture.WholePicture;
import dev.galatea.engine.testing.PackCopy;
import dev.galatea.engine.validate.RequestLimits;
import dev.galatea.engine.validate.RequestValidator;
import dev.galatea.engine.validate.Vocabulary;
import dev.galatea.records.Camera;
import dev.galatea.records.EncodedImage;
import dev.galatea.records.HeadCrop;
import dev.galatea.records.Header;
import dev.galatea.records.Picture;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.Reject.Reason;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Photographs of rendered people through the maquette's networks. */
class PhotoIntakeTest {
  private static final Path MAQUETTE = Path.of("models/maquette");

  private static PhotoIntake intake;

  @BeforeAll
  static void open() {
    intake = PhotoIntake.open(MAQUETTE).orElseThrow();
  }

  @AfterAll
  static void close() {
    intake.close();
  }

  static List<Person> people() throws IOException {
    return MadeUpPhotographs.people();
  }

  @ParameterizedTest
  @MethodSource("people")
  void findsWhatThePythonPathFinds(Person person) throws Exception {
    AlignedFace face = take(MadeUpPhotographs.whole(person.bytes()));

    for (int corner = 0; corner < HeadCrop.CORNERS; corner++) {
      HeadCrop.Point found = face.crop().corners().get(corner);
      HeadCrop.Point expected = person.crop().corners().get(corner);
      assertThat(found.x()).isCloseTo(expected.x(), within(1.5f));
      assertThat(found.y()).isCloseTo(expected.y(), within(1.5f));
    }
    assertThat(face.camera().yaw()).isCloseTo(person.yaw(), within(0.03));
    assertThat(face.camera().pitch()).isCloseTo(person.pitch(), within(0.03));
    assertThat(face.crop().confidence()).isCloseTo(person.confidence(), within(0.01f));
    assertThat(face.picture().size()).isEqualTo(128);
    assertThat(meanDifference(blocks(face.picture()), person.blocks())).isLessThan(3);
  }

  @Test
  void takesTheBackdropOff() throws Exception {
    Picture picture = take(MadeUpPhotographs.whole(people().get(0).bytes())).picture();

    assertThat(picture.rgb()).startsWith(198, 192, 184);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-30, -20, 20, 30})
  void findsAFaceThatLeans(double degrees) throws Exception {
    Person person = people().get(0);
    BufferedImage image =
        MadeUpPhotographs.placed(person.image(), 240, 200, 120, 100, 1, Math.toRadians(degrees));

    HeadCrop crop = take(MadeUpPhotographs.whole(image)).crop();

    assertThat(roll(crop)).isCloseTo(roll(person.crop()) + Math.toRadians(degrees), within(0.1));
    assertThat(side(crop)).isCloseTo(side(person.crop()), within(0.12 * side(person.crop())));
  }

  @Test
  void findsTheFaceOfAPictureThatExifTurns() throws Exception {
    Person person = people().get(0);
    // Orientation 6 asks to turn the file's picture clockwise by a quarter.
    BufferedImage lying =
        MadeUpPhotographs.placed(person.image(), 160, 160, 80, 80, 1, -Math.PI / 2);
    byte[] jpeg = MadeUpPhotographs.file(lying, "jpg");

    HeadCrop crop = take(MadeUpPhotographs.whole(MadeUpPhotographs.oriented(jpeg, 6))).crop();

    assertThat(roll(crop)).isCloseTo(roll(person.crop()), within(0.1));
    assertThat(middle(crop)[0]).isCloseTo(middle(person.crop())[0], within(4.0));
    assertThat(middle(crop)[1]).isCloseTo(middle(person.crop())[1], within(4.0));
  }

  @Test
  void takesTheLargerOfTwoPeople() throws Exception {
    BufferedImage image =
        MadeUpPhotographs.placed(people().get(0).image(), 460, 280, 80, 180, 0.9, 0);
    MadeUpPhotographs.draw(image, people().get(2).image(), 300, 140, 1.7, 0);

    HeadCrop crop = take(MadeUpPhotographs.whole(image)).crop();

    assertThat(middle(crop)[0]).isBetween(220.0, 380.0);
  }

  @Test
  void cornersAreToldInPixelsOfTheSentPicture() throws Exception {
    Person person = people().get(0);
    BufferedImage large = MadeUpPhotographs.placed(person.image(), 3200, 3200, 1600, 1600, 20, 0);

    WholePicture halved = MadeUpPhotographs.whole(large);
    HeadCrop crop = take(halved).crop();

    assertThat(halved.step()).isEqualTo(2);
    assertThat(middle(crop)[0]).isCloseTo(20 * middle(person.crop())[0], within(100.0));
    assertThat(side(crop)).isCloseTo(20 * side(person.crop()), within(100.0));
  }

  @Test
  void aPictureWithoutAFaceIsRefused() throws Exception {
    byte[] noise = new byte[3 * 120 * 160];
    new Random(3).nextBytes(noise);
    for (WholePicture picture :
        List.of(
            new WholePicture(160, 120, noise, 1),
            new WholePicture(300, 200, new byte[3 * 300 * 200], 1),
            new WholePicture(1, 1, new byte[3], 1),
            new WholePicture(3000, 1, new byte[9000], 1))) {
      assertRefused(picture, FaceLimits.DEFAULTS, Reason.NO_FACE, "no face was found: send");
    }
  }

  @Test
  void aFaceOfFewPixelsIsRefused() throws Exception {
    BufferedImage tiny = MadeUpPhotographs.placed(people().get(0).image(), 60, 60, 30, 30, 0.36, 0);

    assertRefused(
        MadeUpPhotographs.whole(tiny),
        FaceLimits.DEFAULTS,
        Reason.FACE_TOO_SMALL,
        "at least 48 are needed");
  }

  @Test
  void aFaceThatThePackIsNotSureOfIsRefused(@TempDir Path copy) throws Exception {
    for (String file : List.of("pack.json", "align.pt", "matte.pt", "mean_latent.f32")) {
      Files.copy(MAQUETTE.resolve(file), copy.resolve(file));
    }
    PackCopy.edit(copy, manifest -> manifest.withObject("/photograph").put("most_spread", 0.001));
    WholePicture picture = MadeUpPhotographs.whole(people().get(0).bytes());
    try (PhotoIntake strict = PhotoIntake.open(copy).orElseThrow()) {
      assertThatThrownBy(() -> strict.take(picture, FaceLimits.DEFAULTS))
          .isInstanceOfSatisfying(
              InvalidRequest.class, e -> assertThat(e.reason()).isEqualTo(Reason.FACE_NOT_VISIBLE))
          .hasMessageContaining("looks towards the camera");
    }
  }

  @Test
  void threadsThatShareOneFindTheSame() throws Exception {
    WholePicture picture = MadeUpPhotographs.whole(people().get(0).bytes());
    AlignedFace alone = take(picture);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      Callable<AlignedFace> work = () -> take(picture);
      for (Future<AlignedFace> other : threads.invokeAll(List.of(work, work, work, work))) {
        assertThat(other.get().crop()).isEqualTo(alone.crop());
        assertThat(other.get().picture().rgb()).isEqualTo(alone.picture().rgb());
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void validationAlignsAPhotographWhateverCameraItsProducerGave() throws Exception {
    Person person = people().get(0);
    Camera guessed = Camera.orbit(0.6, 0, 2.7, 4.2647);

    FaceImage valid = validated(person, Optional.of(guessed), false);

    assertThat(valid.aligned()).isTrue();
    assertThat(valid.camera().orElseThrow().yaw()).isCloseTo(person.yaw(), within(0.03));
    assertThat(valid.crop().orElseThrow().confidence())
        .isCloseTo(person.confidence(), within(0.01f));
    assertThat(((Picture) valid.image()).size()).isEqualTo(128);
  }

  @Test
  void validationTakesThePicturesOfAProgramInToo() throws Exception {
    WholePicture whole = MadeUpPhotographs.whole(people().get(0).bytes());
    Picture pixels = new Picture(whole.width(), whole.rgb());

    FaceImage valid =
        (FaceImage) validator().validate(FaceImage.photo(Header.of("ada", "1"), pixels));

    assertThat(valid.crop()).isPresent();
  }

  @Test
  void validationCutsAnAlignedPictureOutOfItsBackdropAndKeepsItsCamera() throws Exception {
    Camera known = Camera.orbit(0.6, 0, 2.7, 4.2647);

    FaceImage valid = validated(people().get(0), Optional.of(known), true);

    assertThat(valid.camera()).hasValue(known);
    assertThat(valid.crop()).isEmpty();
    assertThat(ofTheBackdrop((Picture) valid.image())).isGreaterThan(0.1);
  }

  @Test
  void anAlignedPictureBeforeThePacksBackdropStaysAsItIs() throws Exception {
    byte[] backdrop = new byte[3 * 128 * 128];
    for (int i = 0; i < backdrop.length; i++) {
      backdrop[i] = (byte) List.of(198, 192, 184).get(i % 3).intValue();
    }
    Picture picture = new Picture(128, backdrop);

    assertThat(intake.cutOut(picture)).isSameAs(picture);
  }

  private static FaceImage validated(Person person, Optional<Camera> camera, boolean aligned)
      throws Exception {
    EncodedImage image = new EncodedImage(person.bytes());
    FaceImage face = new FaceImage(Header.of("ada", "1"), image, camera, aligned, Optional.empty());
    return (FaceImage) validator().validate(face);
  }

  /** The test closes what it is made of. */
  private static RequestValidator validator() {
    RequestLimits limits = RequestLimits.defaults(128, EnumSet.allOf(Request.Kind.class));
    return new RequestValidator(limits, Vocabulary.ANY, Optional.of(intake));
  }

  @Test
  void aPackThatCannotAlignHasNone() {
    assertThat(PhotoIntake.open(TestPacks.TINY)).isEmpty();
  }

  private static AlignedFace take(WholePicture picture) throws InvalidRequest {
    return intake.take(picture, FaceLimits.DEFAULTS);
  }

  private static void assertRefused(
      WholePicture picture, FaceLimits limits, Reason reason, String message) {
    assertThatThrownBy(() -> intake.take(picture, limits))
        .isInstanceOfSatisfying(InvalidRequest.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(message);
  }

  private static double[] middle(HeadCrop crop) {
    return new double[] {
      crop.corners().stream().mapToDouble(HeadCrop.Point::x).average().orElseThrow(),
      crop.corners().stream().mapToDouble(HeadCrop.Point::y).average().orElseThrow()
    };
  }

  private static double[] right(HeadCrop crop) {
    HeadCrop.Point left = crop.corners().get(0);
    HeadCrop.Point right = crop.corners().get(1);
    return new double[] {right.x() - left.x(), right.y() - left.y()};
  }

  private static double roll(HeadCrop crop) {
    return Math.atan2(right(crop)[1], right(crop)[0]);
  }

  private static double side(HeadCrop crop) {
    return Math.hypot(right(crop)[0], right(crop)[1]);
  }

  /** The share of a picture that is red as the maquette's backdrop is. */
  private static double ofTheBackdrop(Picture picture) {
    int pixels = picture.size() * picture.size();
    return IntStream.range(0, pixels).filter(i -> (picture.rgb()[3 * i] & 0xff) == 198).count()
        / (double) pixels;
  }

  /** Mean colours of 8 × 8 blocks. */
  private static double[] blocks(Picture picture) {
    int width = picture.size() / 8;
    double[] sums = new double[3 * 64];
    for (int i = 0; i < picture.rgb().length; i++) {
      int x = i / 3 % picture.size() / width;
      int y = i / 3 / picture.size() / width;
      sums[3 * (8 * y + x) + i % 3] += (picture.rgb()[i] & 0xff) / (double) (width * width);
    }
    return sums;
  }

  private static double meanDifference(double[] numbers, List<Integer> expected) {
    double sum = 0;
    for (int i = 0; i < numbers.length; i++) {
      sum += Math.abs(numbers[i] - expected.get(i));
    }
    return sum / numbers.length;
  }
}
