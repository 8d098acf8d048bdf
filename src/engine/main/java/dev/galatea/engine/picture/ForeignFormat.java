package dev.galatea.engine.picture;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Files that people send for pictures and that are not accepted, told by their first bytes. */
enum ForeignFormat {
  HEIC("a HEIC picture", "ftyphei", "ftyphev", "ftypmif1", "ftypmsf1") {
    @Override
    String advice() {
      return "convert it to JPEG, PNG or WebP; a phone's camera can be set to make JPEG";
    }
  },
  AVIF("an AVIF picture", "ftypavi"),
  JPEG_XL("a JPEG XL picture", "\0\0\0\fjxl ", "\u00ff\n"),
  TIFF("a TIFF picture", "ii*\0", "mm\0*"),
  GIF("a GIF picture", "gif8"),
  SVG("a drawing in SVG", "<svg", "<?xml"),
  PDF("a PDF document", "%pdf") {
    @Override
    String advice() {
      return "send the picture in it as JPEG, PNG or WebP";
    }
  },
  HTML("a page in HTML", "<!doctype html", "<html") {
    @Override
    String advice() {
      return "the address gave a page instead of the picture; send the picture's own bytes";
    }
  },
  BMP("a BMP picture", "bm");

  private static final int BRAND_AT = 4;
  private static final int LONGEST = 32;

  private final String what;
  private final List<String> beginnings;

  ForeignFormat(String what, String... beginnings) {
    this.what = what;
    this.beginnings = List.of(beginnings);
  }

  String advice() {
    return "convert it to JPEG, PNG or WebP";
  }

  /** What a file is, as far as its first bytes tell, and what to do. */
  static String told(byte[] file) {
    if (file.length == 0) {
      return "the image is empty: send the bytes of a PNG, JPEG or WebP file";
    }
    String head = new String(file, 0, Math.min(LONGEST, file.length), ISO_8859_1);
    String beginning = head.toLowerCase(Locale.ROOT);
    return Arrays.stream(values())
        .filter(format -> format.isOf(beginning))
        .map(format -> "the image is %s: %s".formatted(format.what, format.advice()))
        .findFirst()
        .orElse("the image is no PNG, JPEG or WebP file, nor any other that is known here");
  }

  /** The containers of HEIC and AVIF begin with a length, and then say what they are. */
  private boolean isOf(String head) {
    return beginnings.stream()
        .anyMatch(
            text ->
                text.startsWith("ftyp")
                    ? head.startsWith(text, BRAND_AT)
                    : head.stripLeading().startsWith(text) || head.startsWith(text));
  }
}
