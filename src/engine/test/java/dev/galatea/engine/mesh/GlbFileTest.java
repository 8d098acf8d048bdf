package dev.galatea.engine.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A file is read again as the specification of glTF 2.0 says. */
class GlbFileTest {
  private static final Mesh TETRAHEDRON =
      new Mesh(
          new float[] {0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, -3},
          new float[] {1, 0, 0, 0, 1, 0, 0, 0, 1, -1, 0, 0},
          new float[] {0, 0.5f, 1, 0.25f, 0.75f, 2, 1, 1, 1, 0, 0, 0},
          new int[] {0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3});

  @Test
  void chunksAndAccessorsHoldTheMesh() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    GlbFile.write(TETRAHEDRON, Map.of("pack", "maquette 17"), out);
    ByteBuffer file = ByteBuffer.wrap(out.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(file.getInt()).isEqualTo(0x46546C67);
    assertThat(file.getInt()).isEqualTo(2);
    assertThat(file.getInt()).isEqualTo(file.capacity());
    byte[] text = new byte[file.getInt()];
    assertThat(file.getInt()).isEqualTo(0x4E4F534A);
    file.get(text);
    JsonNode gltf = new ObjectMapper().readTree(text);
    int length = file.getInt();
    assertThat(file.getInt()).isEqualTo(0x004E4942);
    assertThat(length).isEqualTo(file.remaining());
    assertThat(file.position() % 4).isZero();
    assertThat(length % 4).isZero();
    ByteBuffer binary = file.slice().order(ByteOrder.LITTLE_ENDIAN);

    assertThat(gltf.at("/asset/version").asText()).isEqualTo("2.0");
    assertThat(gltf.at("/asset/extras/pack").asText()).isEqualTo("maquette 17");
    assertThat(gltf.at("/buffers/0/byteLength").asInt()).isEqualTo(length);
    JsonNode attributes = gltf.at("/meshes/0/primitives/0/attributes");
    int position = begin(gltf, attributes.get("POSITION").asInt());
    assertThat(binary.getFloat(position + 4 * 11)).isEqualTo(-3);
    assertThat(gltf.at("/accessors/0/min/2").asDouble()).isEqualTo(-3);
    assertThat(gltf.at("/accessors/0/max/1").asDouble()).isEqualTo(2);
    int normal = begin(gltf, attributes.get("NORMAL").asInt());
    assertThat(binary.getFloat(normal + 4 * 9)).isEqualTo(-1);
    int colour = begin(gltf, attributes.get("COLOR_0").asInt());
    assertThat(level(binary, colour)).isZero();
    assertThat(level(binary, colour + 2)).isCloseTo(0.21404, within(1e-4)); // of sRGB's 0.5
    assertThat(level(binary, colour + 4)).isEqualTo(1);
    assertThat(level(binary, colour + 6)).isEqualTo(1);
    assertThat(level(binary, colour + 12)).as("brighter than white").isEqualTo(1);
    int indices = begin(gltf, gltf.at("/meshes/0/primitives/0/indices").asInt());
    for (int i = 0; i < 12; i++) {
      assertThat(binary.getInt(indices + 4 * i)).isEqualTo(TETRAHEDRON.triangles()[i]);
    }
  }

  private static int begin(JsonNode gltf, int accessor) {
    int view = gltf.at("/accessors/" + accessor + "/bufferView").asInt();
    return gltf.at("/bufferViews/" + view + "/byteOffset").asInt();
  }

  private static double level(ByteBuffer binary, int at) {
    return Short.toUnsignedInt(binary.getShort(at)) / 65535.0;
  }
}
