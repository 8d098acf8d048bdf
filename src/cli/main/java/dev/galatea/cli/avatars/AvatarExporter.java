package dev.galatea.cli.avatars;

import dev.galatea.cli.UserError;
import dev.galatea.cli.terminal.PictureFolder;
import dev.galatea.engine.latent.Latent;
import dev.galatea.engine.latent.NpzFile;
import dev.galatea.engine.mesh.GlbFile;
import dev.galatea.engine.mesh.MeshMaker;
import dev.galatea.engine.opencv.AnimatedWebp;
import dev.galatea.engine.pack.Network;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.engine.picture.PictureFiles;
import dev.galatea.engine.picture.Provenance;
import dev.galatea.engine.refine.LatentSpace;
import dev.galatea.engine.refine.PackRefiner;
import dev.galatea.engine.refine.RefinerSettings;
import dev.galatea.records.Camera;
import dev.galatea.records.PackId;
import dev.galatea.records.Picture;
import dev.galatea.records.Viewpoint;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.wire.Wire;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Draws avatars and writes what they are to files, each to a directory of its own.
 *
 * <p><b>Owns</b> a refiner that draws and, if meshes are wanted, what makes them. <b>Threading:</b>
 * the thread that opened it.
 */
public final class AvatarExporter implements AutoCloseable {
  private static final int FRAME_MS = 80;
  private static final int WEBP_QUALITY = 90;

  private final LatentSpace space;
  private final PackManifest manifest;
  private final ExportSettings settings;
  private final PictureFolder folder;
  private final PackRefiner refiner;
  private final Optional<MeshMaker> meshes;

  private AvatarExporter(
      LatentSpace space,
      PackManifest manifest,
      ExportSettings settings,
      PictureFolder folder,
      PackRefiner refiner,
      Optional<MeshMaker> meshes) {
    this.space = space;
    this.manifest = manifest;
    this.settings = settings;
    this.folder = folder;
    this.refiner = refiner;
    this.meshes = meshes;
  }

  /**
   * Opens a pack to draw with.
   *
   * @param out where the directories go; made if it is not there
   * @throws UserError if nothing can be written there
   * @throws dev.galatea.engine.pack.PackException if the pack cannot be used
   */
  public static AvatarExporter open(Path pack, Path out, ExportSettings settings) {
    PackManifest manifest = PackManifest.read(pack);
    PictureFolder folder = PictureFolder.open(out);
    PackRefiner refiner =
        PackRefiner.open(pack, settings.device(), RefinerSettings.DEFAULTS.withViews(List.of()));
    boolean draws =
        settings.meshResolution() > 0 && manifest.networks().containsKey(Network.DENSITY);
    try {
      return new AvatarExporter(
          LatentSpace.of(pack),
          manifest,
          settings,
          folder,
          refiner,
          draws ? Optional.of(MeshMaker.open(pack, settings.device())) : Optional.empty());
    } catch (RuntimeException e) {
      refiner.close();
      throw e;
    }
  }

  /** Whether the pack can make the meshes that are wanted. */
  public boolean makesMeshes() {
    return meshes.isPresent();
  }

  /**
   * Writes an avatar's files.
   *
   * @return its directory
   * @throws UserError if the avatar is another pack's, or a file cannot be written
   */
  public Path export(LatestAvatar avatar) {
    LatestAvatar.Known known = avatar.known().orElseThrow();
    requireOwn(avatar.identity(), known);
    record(avatar, folder);
    String name = PictureFolder.directoryName(avatar.identity());
    Latent latent = Latent.wrap(known.latent().values());
    try {
      writeViews(name, latent, known);
      if (settings.frames() > 0) {
        writeTurntable(folder.root().resolve(name), latent);
      }
      if (meshes.isPresent()) {
        folder.write(name + "/mesh.glb", glb(latent, known));
      }
    } catch (IOException e) {
      throw unwritten(avatar, e);
    }
    return folder.root().resolve(name);
  }

  /**
   * Writes what needs no drawing: the record, the latent, and what is known in words.
   *
   * @return the avatar's directory
   * @throws UserError if a file cannot be written
   */
  static Path record(LatestAvatar avatar, PictureFolder folder) {
    String name = PictureFolder.directoryName(avatar.identity());
    LatestAvatar.LatentMatrix latent = avatar.known().orElseThrow().latent();
    try {
      folder.write(name + "/avatar.json", pretty(avatar));
      folder.write(name + "/" + FolderAvatars.RECORD, Wire.encode(avatar));
      folder.write(name + "/latent.npz", NpzFile.of("w_plus", latent.values(), latent.layers()));
    } catch (IOException e) {
      throw unwritten(avatar, e);
    }
    return folder.root().resolve(name);
  }

  private static UserError unwritten(LatestAvatar avatar, IOException e) {
    return new UserError(
        "the avatar of '%s' cannot be written: %s".formatted(avatar.identity(), e.getMessage()), e);
  }

  private void requireOwn(String identity, LatestAvatar.Known known) {
    Optional<PackId> made = known.pack();
    boolean fits =
        known.latent().layers() == space.layers() && known.latent().width() == space.width();
    if (!fits || made.filter(pack -> !pack.equals(space.pack())).isPresent()) {
      throw new UserError(
          "the avatar of '%s' was made with %s, and this is %s: --pack names the other"
              .formatted(
                  identity, made.map(PackId::toString).orElse("another pack"), space.pack()));
    }
  }

  private static byte[] pretty(LatestAvatar avatar) throws IOException {
    return (AvatarText.json(avatar).toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private void writeViews(String name, Latent latent, LatestAvatar.Known known) throws IOException {
    List<Camera> cameras = settings.views().stream().map(this::camera).toList();
    if (cameras.isEmpty()) {
      return;
    }
    List<Picture> pictures = refiner.look(latent, cameras);
    for (int i = 0; i < pictures.size(); i++) {
      Viewpoint view = settings.views().get(i);
      String file =
          String.format(Locale.ROOT, "%s/yaw%+.2f_pitch%+.2f.png", name, view.yaw(), view.pitch());
      byte[] png = PictureFiles.encode(pictures.get(i), PictureFiles.Format.PNG, 1);
      folder.write(
          file,
          Provenance.under(manifest.licence())
              .into(
                  png,
                  PictureFiles.Format.PNG.mediaType(),
                  Optional.of(space.pack()),
                  known.requestId(),
                  known.version()));
    }
  }

  private Camera camera(Viewpoint view) {
    PackManifest.Orbit orbit = manifest.camera();
    return Camera.orbit(view.yaw(), view.pitch(), orbit.radius(), orbit.focal());
  }

  /** Swings to both sides as far as the pack is at home, and back. */
  private void writeTurntable(Path directory, Latent latent) throws IOException {
    double reach = 2 * manifest.camera().sideYaw();
    List<Camera> cameras = new ArrayList<>();
    for (int frame = 0; frame < settings.frames(); frame++) {
      double yaw = reach * Math.sin(2 * Math.PI * frame / settings.frames());
      cameras.add(camera(new Viewpoint((float) yaw, 0)));
    }
    Files.createDirectories(directory);
    Path partial = directory.resolve("turntable.part.webp");
    AnimatedWebp.write(partial, refiner.look(latent, cameras), FRAME_MS, WEBP_QUALITY);
    Files.move(partial, directory.resolve("turntable.webp"), StandardCopyOption.REPLACE_EXISTING);
  }

  private byte[] glb(Latent latent, LatestAvatar.Known known) throws IOException {
    Map<String, String> about = new LinkedHashMap<>();
    about.put("pack", space.pack().toString());
    about.put("packHash", space.pack().hash());
    about.put("licence", manifest.licence());
    about.put("requestId", known.requestId());
    about.put("version", Long.toString(known.version()));
    about.put("digitalSourceType", "trainedAlgorithmicMedia");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    GlbFile.write(meshes.orElseThrow().mesh(latent, settings.meshResolution()), about, bytes);
    return bytes.toByteArray();
  }

  @Override
  public void close() {
    meshes.ifPresent(MeshMaker::close);
    refiner.close();
  }
}
