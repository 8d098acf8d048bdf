package dev.galatea.engine.picture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.galatea.records.PackId;
import dev.galatea.records.Picture;
import java.io.ByteArrayInputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadata;
import javax.xml.parsers.DocumentBuilderFactory;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** Files are read again by Java's own readers, and the packet by its XML parser. */
class ProvenanceTest {
  private static final Provenance PROVENANCE = Provenance.under("Apache-2.0");
  private static final Optional<PackId> PACK = Optional.of(new PackId("maquette", 17, "abc123"));

  @ParameterizedTest
  @EnumSource(PictureFiles.Format.class)
  void aFileKeepsItsPictureAndTellsWhereItIsFrom(PictureFiles.Format format) throws Exception {
    byte[] file = PictureFiles.encode(picture(), format, 0.9f);
    byte[] told = PROVENANCE.into(file, format.mediaType(), PACK, "request-1", 7);

    assertThat(PictureFiles.decode(told, 32).rgb()).isEqualTo(PictureFiles.decode(file, 32).rgb());
    Element description = description(packetIn(told));
    assertThat(description.getAttribute("Iptc4xmpExt:DigitalSourceType"))
        .endsWith("/digitalsourcetype/trainedAlgorithmicMedia");
    assertThat(description.getAttribute("galatea:pack")).isEqualTo("maquette 17");
    assertThat(description.getAttribute("galatea:packHash")).isEqualTo("abc123");
    assertThat(description.getAttribute("galatea:requestId")).isEqualTo("request-1");
    assertThat(description.getAttribute("galatea:version")).isEqualTo("7");
    assertThat(description.getTextContent().strip()).isEqualTo("Apache-2.0");
  }

  @Test
  void aPngHasTheTextInTheChunkWhereReadersLookForIt() throws Exception {
    byte[] file = PictureFiles.encode(picture(), PictureFiles.Format.PNG, 1);
    ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
    reader.setInput(
        ImageIO.createImageInputStream(
            new ByteArrayInputStream(PROVENANCE.into(file, "image/png", PACK, "r", 1))));
    IIOMetadata metadata = reader.getImageMetadata(0);
    Node root = metadata.getAsTree(metadata.getNativeMetadataFormatName());
    NodeList texts = ((Element) root).getElementsByTagName("iTXtEntry");
    assertThat(texts.getLength()).isEqualTo(1);
    Element text = (Element) texts.item(0);
    assertThat(text.getAttribute("keyword")).isEqualTo("XML:com.adobe.xmp");
    assertThat(text.getAttribute("text")).contains("trainedAlgorithmicMedia");
  }

  /** A request's id is the sender's: whatever it is, the packet stays XML. */
  @Property(tries = 200)
  void anyRequestIdLeavesThePacketReadable(@ForAll String requestId) throws Exception {
    byte[] file = PictureFiles.encode(picture(), PictureFiles.Format.JPEG, 0.9f);
    String cut = requestId.substring(0, Math.min(128, requestId.length()));
    byte[] told = PROVENANCE.into(file, "image/jpeg", PACK, cut + "\"/><x a=\"&", 1);
    assertThat(description(packetIn(told)).getAttribute("galatea:requestId"))
        .endsWith("\"/><x a=\"&");
  }

  @Test
  void nothingIsToldWhereThatIsAskedFor() {
    byte[] file = PictureFiles.encode(picture(), PictureFiles.Format.PNG, 1);
    assertThat(Provenance.NONE.into(file, "image/png", PACK, "r", 1)).isEqualTo(file);
  }

  private static Picture picture() {
    byte[] rgb = new byte[3 * 32 * 32];
    new Random(1).nextBytes(rgb);
    return new Picture(32, rgb);
  }

  private static String packetIn(byte[] file) {
    String text = new String(file, StandardCharsets.ISO_8859_1);
    int begin = text.indexOf("<x:xmpmeta");
    String end = "</x:xmpmeta>";
    byte[] packet =
        text.substring(begin, text.indexOf(end) + end.length())
            .getBytes(StandardCharsets.ISO_8859_1);
    return new String(packet, StandardCharsets.UTF_8);
  }

  private static Element description(String packet) throws Exception {
    return (Element)
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(packet)))
            .getElementsByTagName("rdf:Description")
            .item(0);
  }
}
