package dev.galatea.engine.picture;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.galatea.records.Picture;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.Reject.Reason;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageDecoderTest {
  private static final Duration TIME = Duration.ofMinutes(1);
  private static final ImageLimits LIMITS = new ImageLimits(1 << 20, 1_000_000, TIME);

  @ParameterizedTest
  @CsvSource({
    "lossless.webp, gradient.png, 16, 0",
    "lossy.webp, lossy.png, 64, 4",
    "photo.webp, photo.png, 64, 1",
    "plain.webp, plain.png, 16, 0",
    "tiny.webp, tiny.png, 16, 0",
    "two-colours.webp, two-colours.png, 16, 0",
    "alpha.webp, alpha.png, 64, 0",
    "alpha-lossy.webp, alpha-lossy.png, 64, 0",
    "noise-lossy.webp, noise-lossy.png, 50, 0",
    "animated.webp, first-frame.png, 16, 0",
    "cmyk.jpg, lossy.png, 64, 2",
    "grey.jpg, grey.png, 64, 1",
    "exif-6.png, exif-6-upright.png, 16, 0",
    "exif-6.webp, exif-6-upright.png, 16, 0",
    "noise-50-to-16.png, noise-50.png, 16, 1",
    "noise-50-to-70.png, noise-50.png, 70, 1",
  })
  void showsTheSamePictureAsItsReference(
      String file, String reference, int size, double meanDifference) throws Exception {
    assertThat(difference(decode(resource(file), size), decode(resource(reference), size)))
        .isLessThanOrEqualTo(meanDifference);
  }

  @Test
  void jpegIsTurnedUprightAsItsExifTells() throws Exception {
    Picture stored = decode(resource("lossy.png"), 16);
    Picture shown = decode(resource("exif-6.jpg"), 16);

    assertThat(difference(shown, new Orientation(6).upright(stored))).isLessThan(2);
    assertThat(difference(shown, stored)).isGreaterThan(20);
  }

  /** What stands where, of A B over C D, after each orientation. */
  @ParameterizedTest
  @CsvSource({"1,ABCD", "2,BADC", "3,DCBA", "4,CDAB", "5,ACBD", "6,CADB", "7,DBCA", "8,BDAC"})
  void orientationTurnsAndMirrors(int orientation, String expected) {
    Picture picture = new Picture(2, "AAABBBCCCDDD".getBytes(US_ASCII));

    byte[] rgb = new Orientation(orientation).upright(picture).rgb();

    for (int pixel = 0; pixel < 4; pixel++) {
      assertThat((char) rgb[3 * pixel]).isEqualTo(expected.charAt(pixel));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"exif-6.png", "exif-6.webp"})
  void aWholePictureIsTurnedUprightToo(String file) throws Exception {
    WholePicture whole = new ImageDecoder(16, LIMITS).decodeWhole(resource(file));
    WholePicture upright = new ImageDecoder(16, LIMITS).decodeWhole(resource("exif-6-upright.png"));

    assertThat(whole.width()).isEqualTo(upright.width());
    assertThat(whole.height()).isEqualTo(upright.height());
    assertThat(whole.rgb()).isEqualTo(upright.rgb());
    assertThat(whole.width()).isNotEqualTo(whole.height());
  }

  @ParameterizedTest
  @CsvSource({"1600,20,1", "3199,20,1", "3200,20,2", "20,5000,3"})
  void ofALargePictureEverySoManyPixelsAreTaken(int width, int height, int step) throws Exception {
    byte[] file = png(new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY));

    WholePicture whole = new ImageDecoder(16, LIMITS).decodeWhole(file);

    assertThat(whole.step()).isEqualTo(step);
    assertThat(Math.max(whole.width(), whole.height())).isBetween(1600, 3199);
  }

  @Test
  void ofALargeWebpTheSamePixelsAreTakenAsOfAPng() throws Exception {
    ImageDecoder decoder = new ImageDecoder(1, new ImageLimits(1 << 20, 4_000_000, TIME));

    WholePicture webp = decoder.decodeWhole(resource("stripes.webp"));
    WholePicture png = decoder.decodeWhole(resource("stripes.png"));

    assertThat(webp.step()).isEqualTo(3);
    assertThat(webp.width()).isEqualTo(png.width());
    assertThat(webp.rgb()).isEqualTo(png.rgb());
    assertThat(decoder.decode(resource("stripes.webp")).rgb())
        .isEqualTo(decoder.decode(resource("stripes.png")).rgb());
  }

  @Test
  void aBrokenPictureIsToldWhenAllOfItIsRead() throws Exception {
    byte[] half = Arrays.copyOf(resource("lossy.png"), 190);
    assertThatThrownBy(() -> new ImageDecoder(16, LIMITS).decodeWhole(half))
        .isInstanceOfSatisfying(
            InvalidRequest.class, e -> assertThat(e.reason()).isEqualTo(Reason.CORRUPT_IMAGE));
  }

  /** Of fewer bytes than OpenCV takes. */
  @Test
  void aWebpOfOnePixelIsRead() throws Exception {
    byte[] file =
        HexFormat.of().parseHex("5249464614000000574542505650384c080000002f00000000c8c808");

    assertThat(decode(file, 1).rgb()).containsExactly(0, 1, 1);
  }

  @Test
  void sixteenBitsBecomeEight() throws Exception {
    BufferedImage grey = new BufferedImage(4, 4, BufferedImage.TYPE_USHORT_GRAY);
    grey.getRaster().setSamples(0, 0, 4, 4, 0, filled(16, 100 * 257));

    assertThat(decode(png(grey), 4).rgb()).containsOnly(100);
  }

  @Test
  void greyKeepsItsValues() throws Exception {
    BufferedImage grey = new BufferedImage(4, 4, BufferedImage.TYPE_BYTE_GRAY);
    grey.getRaster().setSamples(0, 0, 4, 4, 0, filled(16, 100));

    assertThat(decode(png(grey), 4).rgb()).containsOnly(100);
  }

  @ParameterizedTest
  @ValueSource(strings = {"linear-icc.jpg", "linear-icc.webp"})
  void anIccProfileIsConvertedToSrgb(String file) throws Exception {
    byte[] rgb = decode(resource(file), 1).rgb();

    assertThat(rgb[0] & 0xff).isBetween(126, 130);
    assertThat(rgb[2] & 0xff).isBetween(179, 184);
  }

  @Test
  void paletteAndOneBitImagesAreAccepted() throws Exception {
    BufferedImage palette = new BufferedImage(2, 2, BufferedImage.TYPE_BYTE_INDEXED);
    palette.setRGB(0, 0, 0xff0000);
    BufferedImage binary = new BufferedImage(2, 2, BufferedImage.TYPE_BYTE_BINARY);
    binary.setRGB(0, 0, 0xffffff);

    assertThat(decode(png(palette), 2).rgb()).startsWith(255, 0, 0);
    assertThat(decode(png(binary), 2).rgb()).startsWith(255, 255, 255, 0, 0, 0);
  }

  @Test
  void transparencyShowsTheBackground() throws Exception {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(0, 0, 0x00ff0000);
    BufferedImage half = new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB);
    half.setRGB(0, 0, 0x80000000);

    assertThat(decode(png(image), 1).rgb()).containsExactly(198, 192, 184);
    assertThat(decode(png(half), 1).rgb()).containsExactly(99, 96, 92);
  }

  @Test
  void theCentralSquareIsUsed() throws Exception {
    BufferedImage wide = new BufferedImage(30, 10, BufferedImage.TYPE_INT_RGB);
    WritableRaster raster = wide.getRaster();
    raster.setSamples(10, 0, 10, 10, 1, filled(100, 255));

    byte[] rgb = decode(png(wide), 10).rgb();

    for (int i = 0; i < rgb.length; i++) {
      assertThat(rgb[i] & 0xff).isEqualTo(i % 3 == 1 ? 255 : 0);
    }
  }

  @Test
  void aLargePhotoIsReadInPartsAndLooksTheSame() throws Exception {
    BufferedImage photo = new BufferedImage(1000, 900, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 900; y++) {
      for (int x = 0; x < 1000; x++) {
        photo.setRGB(x, y, (x * 255 / 999) << 16 | (y * 255 / 899) << 8);
      }
    }

    byte[] rgb = decode(png(photo), 8).rgb();

    for (int pixel = 0; pixel < 64; pixel++) {
      int column = pixel % 8;
      int row = pixel / 8;
      double x = (50 + 900 * (column + 0.5) / 8) * 255 / 999;
      double y = 900 * (row + 0.5) / 8 * 255 / 899;
      // At the rim the filter loses its outer half.
      if (column > 0 && column < 7 && row > 0 && row < 7) {
        assertThat(Math.abs((rgb[3 * pixel] & 0xff) - x)).isLessThan(1.5);
        assertThat(Math.abs((rgb[3 * pixel + 1] & 0xff) - y)).isLessThan(1.5);
      }
    }
  }

  @Property(tries = 50)
  void resamplingKeepsAPlainColour(
      @ForAll byte level,
      @ForAll @IntRange(min = 1, max = 40) int from,
      @ForAll @IntRange(min = 1, max = 40) int to) {
    byte[] plain = new byte[3 * from * from];
    Arrays.fill(plain, level);

    assertThat(Resampling.square(plain, from, from, to).rgb()).containsOnly(level);
  }

  @Test
  void anImageWithTooManyPixelsIsRefusedByItsHeader() {
    byte[] bomb = pngHeader(50_000, 50_000);

    assertInvalid(bomb, Reason.IMAGE_TOO_LARGE, "50000 × 50000 pixels: at most 1000000");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gradient.png",
        "lossy.webp",
        "lossless.webp",
        "alpha-lossy.webp",
        "animated.webp",
        "exif-6.jpg",
        "cmyk.jpg"
      })
  void aFileCutShortIsCorrupt(String name) throws IOException {
    byte[] file = resource(name);

    assertInvalid(Arrays.copyOf(file, file.length * 2 / 3), Reason.CORRUPT_IMAGE, "send it whole");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0000001866747970686569630000 | a HEIC picture: convert it to JPEG, PNG or WebP; a phone",
        "00000018667479706d69663100 | a HEIC picture",
        "0000001c667479706176696600 | an AVIF picture: convert it to JPEG, PNG or WebP",
        "49492a0008000000 | a TIFF picture",
        "4d4d002a00000008 | a TIFF picture",
        "474946383961 | a GIF picture",
        "424d36000000 | a BMP picture",
        "255044462d312e37 | a PDF document: send the picture in it",
        "0a3c21444f43545950452068746d6c3e | a page in HTML: the address gave a page",
        "3c68746d6c3e | a page in HTML",
        "3c73766720786d6c | a drawing in SVG",
        "00010203 | no PNG, JPEG or WebP file",
      })
  void aFileThatIsNotAcceptedIsNamedWithWhatToDo(String hex, String message) {
    assertInvalid(HexFormat.of().parseHex(hex), Reason.UNSUPPORTED_IMAGE, message);
  }

  /** Of a cut file that ends in zeros, a decoder that did not count might make a picture. */
  @ParameterizedTest
  @ValueSource(strings = {"lossy.webp", "lossless.webp", "alpha-lossy.webp", "animated.webp"})
  void aWebpThatLacksAByteIsCorrupt(String name) throws IOException {
    byte[] file = resource(name);

    assertInvalid(Arrays.copyOf(file, file.length - 1), Reason.CORRUPT_IMAGE, "send it whole");
  }

  @Test
  void anEmptyFileIsTold() {
    assertInvalid(new byte[0], Reason.UNSUPPORTED_IMAGE, "the image is empty");
  }

  @Test
  void anIccProfileOfAPngIsConvertedToSrgb() throws Exception {
    BufferedImage image = new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB);
    Arrays.asList(0, 1)
        .forEach(x -> Arrays.asList(0, 1).forEach(y -> image.setRGB(x, y, 0x3c78b4)));
    byte[] linear = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();

    byte[] rgb = decode(withProfile(png(image), linear), 1).rgb();

    assertThat(rgb[0] & 0xff).isBetween(132, 134);
    assertThat(rgb[1] & 0xff).isBetween(181, 183);
    assertThat(rgb[2] & 0xff).isBetween(218, 220);
  }

  @Test
  void aProfileThatIsNoneIsPassedOver() throws Exception {
    BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, 0x3c78b4);
    byte[] cut = Arrays.copyOf(ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData(), 200);

    for (byte[] profile : List.of(cut, new byte[0], new byte[32 << 20])) {
      assertThat(decode(withProfile(png(image), profile), 1).rgb()).containsExactly(60, 120, 180);
    }
  }

  @Test
  void aLargeWebpIsRefusedByItsHeader() throws IOException {
    assertInvalid(resource("large.webp"), Reason.IMAGE_TOO_LARGE, "5600 × 5600 pixels");
  }

  @Test
  void textThatInflatesWithoutEndIsPassedOver() throws Exception {
    byte[] png = png(new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB));

    byte[] bomb = withChunk(png, "zTXt", compressed(new byte[64 << 20]));

    assertThat(decode(bomb, 1).rgb()).containsExactly(0, 0, 0);
  }

  /** Of 2³¹ entries; of one with 2³¹ values; of directories that name themselves. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "49492a0008000000ffff",
        "49492a0008000000010012010300ffffff7f0800000000000000",
        "49492a00080000000100698704000100000008000000" + "08000000",
      })
  void exifThatPromisesTooMuchIsPassedOver(String exif) throws Exception {
    byte[] png = png(new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB));

    byte[] file = withChunk(png, "eXIf", HexFormat.of().parseHex(exif));

    assertThat(decode(file, 1).rgb()).containsExactly(0, 0, 0);
  }

  /** The file with a profile right after its header. */
  private static byte[] withProfile(byte[] png, byte[] profile) {
    return withChunk(png, "iCCP", compressed(profile));
  }

  /** A name, a method and what was compressed, as several chunks have them. */
  private static byte[] compressed(byte[] content) {
    byte[] room = new byte[content.length + 1000];
    Deflater deflater = new Deflater();
    deflater.setInput(content);
    deflater.finish();
    int length = deflater.deflate(room);
    deflater.end();
    ByteBuffer body = ByteBuffer.allocate(length + 3).put((byte) 'p').put(new byte[2]);
    return body.put(room, 0, length).array();
  }

  /** The file with a chunk right after its header. */
  private static byte[] withChunk(byte[] png, String name, byte[] body) {
    ByteBuffer chunk = ByteBuffer.allocate(body.length + 12);
    chunk.putInt(body.length).put(name.getBytes(US_ASCII)).put(body);
    CRC32 crc = new CRC32();
    crc.update(chunk.array(), 4, body.length + 4);
    chunk.putInt((int) crc.getValue());
    int header = 33;
    return ByteBuffer.allocate(png.length + chunk.capacity())
        .put(png, 0, header)
        .put(chunk.array())
        .put(png, header, png.length - header)
        .array();
  }

  @Property(tries = 300)
  void damagedFilesAreReadOrInvalidAndNothingElse(
      @ForAll @IntRange(min = 0, max = 4) int which,
      @ForAll @IntRange(max = 100_000) int at,
      @ForAll @Size(min = 1, max = 6) byte[] damage)
      throws IOException {
    String[] names = {"gradient.png", "lossy.webp", "lossless.webp", "exif-6.jpg", "cmyk.jpg"};
    byte[] file = resource(names[which]);
    for (int i = 0; i < damage.length; i++) {
      file[(at + i) % file.length] = damage[i];
    }
    try {
      assertThat(decode(file, 16).size()).isEqualTo(16);
    } catch (InvalidRequest e) {
      assertThat(e.reason())
          .isIn(Reason.UNSUPPORTED_IMAGE, Reason.CORRUPT_IMAGE, Reason.IMAGE_TOO_LARGE);
    }
  }

  /** A picture may be sent in any number of passes, each of a few bytes and all of the pixels. */
  @Test
  void decodingThatTakesTooLongIsStopped() throws Exception {
    byte[] file = jpegOfPasses(new BufferedImage(1000, 1000, BufferedImage.TYPE_INT_RGB), 5000);
    ImageLimits hurried = new ImageLimits(8 << 20, 1_000_000, Duration.ofMillis(300));
    long start = System.nanoTime();

    assertThatThrownBy(() -> new ImageDecoder(16, hurried).decode(file))
        .isInstanceOfSatisfying(
            InvalidRequest.class, e -> assertThat(e.reason()).isEqualTo(Reason.IMAGE_TOO_LARGE))
        .hasMessageContaining("takes longer than 300 ms");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
  }

  /** A progressive JPEG whose last pass comes so many times. */
  private static byte[] jpegOfPasses(BufferedImage image, int passes) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ImageWriteParam parameters = writer.getDefaultWriteParam();
    parameters.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), parameters);
    } finally {
      writer.dispose();
    }
    byte[] file = bytes.toByteArray();
    int end = file.length - 2;
    int pass = end;
    while (file[pass] != (byte) 0xff || file[pass + 1] != (byte) 0xda) {
      pass--;
    }
    ByteArrayOutputStream longer = new ByteArrayOutputStream();
    longer.write(file, 0, pass);
    for (int i = 0; i < passes; i++) {
      longer.write(file, pass, end - pass);
    }
    longer.write(file, end, 2);
    return longer.toByteArray();
  }

  @Test
  void writtenPicturesReadBack() throws Exception {
    Picture picture = decode(resource("lossy.png"), 64);

    byte[] png = PictureFiles.encode(picture, PictureFiles.Format.PNG, 1);
    byte[] jpeg = PictureFiles.encode(picture, PictureFiles.Format.JPEG, 0.95f);

    assertThat(decode(png, 64).rgb()).isEqualTo(picture.rgb());
    assertThat(difference(decode(jpeg, 64), picture)).isLessThan(2);
  }

  private static void assertInvalid(byte[] file, Reason reason, String message) {
    assertThatThrownBy(() -> decode(file, 16))
        .isInstanceOfSatisfying(InvalidRequest.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(message);
  }

  private static Picture decode(byte[] file, int size) throws InvalidRequest {
    return new ImageDecoder(size, LIMITS).decode(file);
  }

  private static double difference(Picture a, Picture b) {
    double sum = 0;
    for (int i = 0; i < a.rgb().length; i++) {
      sum += Math.abs((a.rgb()[i] & 0xff) - (b.rgb()[i] & 0xff));
    }
    return sum / a.rgb().length;
  }

  private static int[] filled(int count, int value) {
    int[] values = new int[count];
    Arrays.fill(values, value);
    return values;
  }

  private static byte[] png(BufferedImage image) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      assertThat(ImageIO.write(image, "png", out)).isTrue();
    }
    return bytes.toByteArray();
  }

  /** A PNG file that ends after its header, which is whole. */
  private static byte[] pngHeader(int width, int height) {
    ByteBuffer file = ByteBuffer.allocate(33);
    file.putLong(0x89504e470d0a1a0aL).putInt(13).put("IHDR".getBytes(US_ASCII));
    file.putInt(width).putInt(height).put(new byte[] {8, 2, 0, 0, 0});
    CRC32 crc = new CRC32();
    crc.update(file.array(), 12, 17);
    return file.putInt((int) crc.getValue()).array();
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream file = ImageDecoderTest.class.getResourceAsStream("/images/" + name)) {
      return file.readAllBytes();
    }
  }
}
