package dev.galatea.engine.mesh;

/**
 * A closed surface of triangles with a colour at each vertex, in the head's frame: x to the right
 * of the frontal picture, y up, z towards who looks at the face.
 *
 * @param positions three coordinates of each vertex, world units
 * @param normals unit vectors that point outwards, three numbers for each vertex
 * @param colours sRGB without light, three numbers in [0, 1] for each vertex
 * @param triangles three vertices of each, counter-clockwise as seen from outside
 */
public record Mesh(float[] positions, float[] normals, float[] colours, int[] triangles) {

  /** How many vertices there are. */
  public int vertices() {
    return positions.length / 3;
  }
}
