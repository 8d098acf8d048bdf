package dev.galatea.cli.avatars;

import dev.galatea.engine.mesh.MeshMaker;
import dev.galatea.records.Viewpoint;
import java.util.List;

/**
 * What is exported of an avatar beside its record and its latent.
 *
 * @param device where the networks run, in the notation of {@link
 *     dev.galatea.engine.torch.DeviceName}
 * @param views where pictures are taken from
 * @param frames pictures of the turntable; 0 for none
 * @param meshResolution points of the mesh's lattice along each axis; 0 for no mesh
 */
public record ExportSettings(String device, List<Viewpoint> views, int frames, int meshResolution) {
  static final int DEFAULT_FRAMES = 24;
  static final int MAX_FRAMES = 360;

  public ExportSettings {
    views = List.copyOf(views);
  }

  /** A turntable and a mesh, without further pictures. */
  public static ExportSettings turntableAndMesh(String device) {
    return new ExportSettings(device, List.of(), DEFAULT_FRAMES, MeshMaker.DEFAULT_RESOLUTION);
  }
}
