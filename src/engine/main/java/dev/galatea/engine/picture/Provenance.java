package dev.galatea.engine.picture;

import dev.galatea.records.PackId;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * Says in a picture's file where the picture is from, as XMP (ISO 16684-1), which photo programs,
 * exiftool and readers of C2PA look for: that a trained model made it (IPTC's digital source type),
 * which pack, under which licence, for which request and version of the avatar. The identity is
 * left out.
 *
 * @param isTold whether files say anything
 * @param licence of the pack, an SPDX expression
 */
public record Provenance(boolean isTold, String licence) implements Serializable {
  /** Files say nothing. */
  public static final Provenance NONE = new Provenance(false, "");

  private static final String SOURCE_TYPE =
      "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";
  private static final String PACKET =
      """
      <?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>
      <x:xmpmeta xmlns:x="adobe:ns:meta/">
       <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
        <rdf:Description rdf:about=""
          xmlns:xmp="http://ns.adobe.com/xap/1.0/"
          xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/"
          xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
          xmlns:galatea="https://galatea.dev/ns/1.0/"
          xmp:CreatorTool="Galatea"
          Iptc4xmpExt:DigitalSourceType="%s"
          galatea:pack="%s"
          galatea:packHash="%s"
          galatea:licence="%s"
          galatea:requestId="%s"
          galatea:version="%d">
         <xmpRights:UsageTerms><rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt></xmpRights:UsageTerms>
        </rdf:Description>
       </rdf:RDF>
      </x:xmpmeta>
      <?xpacket end="r"?>""";

  private static final int PNG_HEAD = 8 + 4 + 4 + 13 + 4; // signature and IHDR
  private static final byte[] PNG_KEYWORD = latin1("XML:com.adobe.xmp\0\0\0\0\0");
  private static final byte[] JPEG_NAMESPACE = latin1("http://ns.adobe.com/xap/1.0/\0");
  private static final int JPEG_START = 2;
  private static final int APP1 = 0xFFE1;
  private static final int APP0 = 0xFFE0;

  /** Files name the licence, and what else is known. */
  public static Provenance under(String licence) {
    return new Provenance(true, licence);
  }

  /**
   * The file with a packet, or as it is if files say nothing.
   *
   * @param file a PNG or JPEG file as {@link PictureFiles} writes it
   * @param version of the avatar that the picture shows
   */
  public byte[] into(
      byte[] file, String mediaType, Optional<PackId> pack, String requestId, long version) {
    if (!isTold) {
      return file;
    }
    byte[] packet = packet(pack, requestId, version).getBytes(StandardCharsets.UTF_8);
    return switch (mediaType) {
      case "image/png" -> inserted(file, PNG_HEAD, textChunk(packet));
      case "image/jpeg" -> inserted(file, afterJfif(file), segment(packet));
      default -> throw new IllegalArgumentException("no provenance for " + mediaType);
    };
  }

  private String packet(Optional<PackId> pack, String requestId, long version) {
    return PACKET.formatted(
        SOURCE_TYPE,
        escaped(pack.map(p -> p.id() + " " + p.version()).orElse("")),
        escaped(pack.map(PackId::hash).orElse("")),
        escaped(licence),
        escaped(requestId),
        version,
        escaped(licence));
  }

  /** A request's id is any text; XML knows neither control characters nor lone surrogates. */
  private static String escaped(String text) {
    StringBuilder safe = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '"' -> safe.append("&quot;");
                default -> safe.appendCodePoint(isXml(c) ? c : '?');
              }
            });
    return safe.toString();
  }

  private static boolean isXml(int c) {
    return (c >= 0x20 && c < 0xD800) || (c > 0xDFFF && c < 0xFFFE) || c > 0xFFFF;
  }

  /** An uncompressed iTXt chunk. */
  private static byte[] textChunk(byte[] packet) {
    byte[] typed = joined(latin1("iTXt"), PNG_KEYWORD, packet);
    CRC32 crc = new CRC32();
    crc.update(typed);
    return ByteBuffer.allocate(typed.length + 8)
        .putInt(typed.length - 4)
        .put(typed)
        .putInt((int) crc.getValue())
        .array();
  }

  private static byte[] segment(byte[] packet) {
    int length = 2 + JPEG_NAMESPACE.length + packet.length;
    return ByteBuffer.allocate(2 + length)
        .putShort((short) APP1)
        .putShort((short) length)
        .put(JPEG_NAMESPACE)
        .put(packet)
        .array();
  }

  /** JFIF asks for its segment to be the first. */
  private static int afterJfif(byte[] jpeg) {
    ByteBuffer file = ByteBuffer.wrap(jpeg);
    boolean isJfif = Short.toUnsignedInt(file.getShort(JPEG_START)) == APP0;
    return isJfif
        ? JPEG_START + 2 + Short.toUnsignedInt(file.getShort(JPEG_START + 2))
        : JPEG_START;
  }

  private static byte[] inserted(byte[] file, int at, byte[] part) {
    return joined(Arrays.copyOf(file, at), part, Arrays.copyOfRange(file, at, file.length));
  }

  private static byte[] joined(byte[]... parts) {
    ByteBuffer all = ByteBuffer.allocate(Arrays.stream(parts).mapToInt(p -> p.length).sum());
    for (byte[] part : parts) {
      all.put(part);
    }
    return all.array();
  }

  private static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
