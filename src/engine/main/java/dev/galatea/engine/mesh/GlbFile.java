package dev.galatea.engine.mesh;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;

/**
 * Writes meshes as GLB, the binary form of glTF 2.0 (Khronos, "glTF 2.0 Specification", 2021),
 * which Blender, three.js, game engines and operating systems open. A file has one mesh with
 * normals and a colour at each vertex, under a material that is neither shiny nor metallic.
 */
public final class GlbFile {
  private static final int MAGIC = 0x46546C67;
  private static final int VERSION = 2;
  private static final int JSON = 0x4E4F534A;
  private static final int BINARY = 0x004E4942;
  private static final int FLOAT = 5126;
  private static final int UNSIGNED_INT = 5125;
  private static final int UNSIGNED_SHORT = 5123;
  private static final int VERTICES = 34962;
  private static final int INDICES = 34963;
  private static final int VECTOR_BYTES = 12;
  private static final int COLOUR_BYTES = 8;

  private GlbFile() {}

  /**
   * Writes a file.
   *
   * @param about what the file's {@code asset.extras} say, such as the pack and the licence
   */
  public static void write(Mesh mesh, Map<String, String> about, OutputStream out)
      throws IOException {
    byte[] json = padded(new ObjectMapper().writeValueAsBytes(document(mesh, about)));
    byte[] binary = binary(mesh);
    ByteBuffer head = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
    head.putInt(MAGIC).putInt(VERSION).putInt(28 + json.length + binary.length);
    head.putInt(json.length).putInt(JSON);
    out.write(head.array());
    out.write(json);
    ByteBuffer chunk = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    out.write(chunk.putInt(binary.length).putInt(BINARY).array());
    out.write(binary);
  }

  private static byte[] padded(byte[] json) {
    byte[] padded = Arrays.copyOf(json, (json.length + 3) / 4 * 4);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    return padded;
  }

  private static byte[] binary(Mesh mesh) {
    int vertices = mesh.vertices();
    ByteBuffer bytes =
        ByteBuffer.allocate(
                vertices * (2 * VECTOR_BYTES + COLOUR_BYTES) + mesh.triangles().length * 4)
            .order(ByteOrder.LITTLE_ENDIAN);
    for (float number : mesh.positions()) {
      bytes.putFloat(number);
    }
    for (float number : mesh.normals()) {
      bytes.putFloat(number);
    }
    for (int i = 0; i < vertices; i++) {
      for (int channel = 0; channel < 3; channel++) {
        bytes.putShort((short) Math.round(65535 * linear(mesh.colours()[3 * i + channel])));
      }
      bytes.putShort((short) 0xFFFF);
    }
    for (int vertex : mesh.triangles()) {
      bytes.putInt(vertex);
    }
    return bytes.array();
  }

  /** sRGB as light, which is what glTF's colours at vertices are (IEC 61966-2-1). */
  private static double linear(float encoded) {
    double level = Math.max(0, Math.min(1, encoded));
    return level <= 0.04045 ? level / 12.92 : Math.pow((level + 0.055) / 1.055, 2.4);
  }

  private static ObjectNode document(Mesh mesh, Map<String, String> about) {
    int vertices = mesh.vertices();
    ObjectNode gltf = JsonNodeFactory.instance.objectNode();
    ObjectNode asset = gltf.putObject("asset").put("version", "2.0").put("generator", "Galatea");
    about.forEach(asset.putObject("extras")::put);
    gltf.put("scene", 0);
    gltf.putArray("scenes").addObject().putArray("nodes").add(0);
    gltf.putArray("nodes").addObject().put("mesh", 0).put("name", "avatar");
    ObjectNode primitive = gltf.putArray("meshes").addObject().putArray("primitives").addObject();
    primitive.putObject("attributes").put("POSITION", 0).put("NORMAL", 1).put("COLOR_0", 2);
    primitive.put("indices", 3).put("material", 0);
    gltf.putArray("materials")
        .addObject()
        .putObject("pbrMetallicRoughness")
        .put("metallicFactor", 0)
        .put("roughnessFactor", 1);
    ArrayNode accessors = gltf.putArray("accessors");
    ObjectNode positions = accessor(accessors, 0, FLOAT, vertices, "VEC3");
    bounds(positions, mesh.positions());
    accessor(accessors, 1, FLOAT, vertices, "VEC3");
    accessor(accessors, 2, UNSIGNED_SHORT, vertices, "VEC4").put("normalized", true);
    accessor(accessors, 3, UNSIGNED_INT, mesh.triangles().length, "SCALAR");
    ArrayNode views = gltf.putArray("bufferViews");
    int from = view(views, 0, vertices * VECTOR_BYTES, VERTICES);
    from = view(views, from, vertices * VECTOR_BYTES, VERTICES);
    from = view(views, from, vertices * COLOUR_BYTES, VERTICES);
    from = view(views, from, mesh.triangles().length * 4, INDICES);
    gltf.putArray("buffers").addObject().put("byteLength", from);
    return gltf;
  }

  private static ObjectNode accessor(
      ArrayNode accessors, int view, int type, int count, String shape) {
    return accessors
        .addObject()
        .put("bufferView", view)
        .put("componentType", type)
        .put("count", count)
        .put("type", shape);
  }

  private static void bounds(ObjectNode accessor, float[] positions) {
    ArrayNode least = accessor.putArray("min");
    ArrayNode most = accessor.putArray("max");
    for (int axis = 0; axis < 3; axis++) {
      float low = Float.POSITIVE_INFINITY;
      float high = Float.NEGATIVE_INFINITY;
      for (int i = axis; i < positions.length; i += 3) {
        low = Math.min(low, positions[i]);
        high = Math.max(high, positions[i]);
      }
      least.add(low);
      most.add(high);
    }
  }

  /** Adds a view, and returns where it ends. */
  private static int view(ArrayNode views, int from, int bytes, int target) {
    views
        .addObject()
        .put("buffer", 0)
        .put("byteOffset", from)
        .put("byteLength", bytes)
        .put("target", target);
    return from + bytes;
  }
}
