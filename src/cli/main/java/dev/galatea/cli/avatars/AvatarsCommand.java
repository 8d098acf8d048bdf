package dev.galatea.cli.avatars;

import dev.galatea.cli.InstallationPaths;
import dev.galatea.cli.Main;
import dev.galatea.cli.UserError;
import dev.galatea.cli.terminal.PictureFolder;
import dev.galatea.engine.mesh.MeshMaker;
import dev.galatea.engine.refine.LatentSpace;
import dev.galatea.flink.ConfigurationFiles;
import dev.galatea.flink.RenderOptions;
import dev.galatea.kafka.KafkaNotReadyException;
import dev.galatea.kafka.RequestSender;
import dev.galatea.kafka.job.ConnectionArguments;
import dev.galatea.records.Header;
import dev.galatea.records.Viewpoint;
import dev.galatea.records.request.Adopt;
import dev.galatea.records.result.LatestAvatar;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code galatea avatars}: lists avatars, shows what they are, and writes them to files. */
@Command(
    name = "avatars",
    description = {
      "Lists avatars, shows what they are, writes them to files, and gives them to another job. They",
      "are read from the topic avatar.latest, or from a directory that 'refine' or 'avatars export'",
      "wrote.",
      "",
      "  galatea avatars list --bootstrap-servers localhost:9092",
      "  galatea avatars show ada --bootstrap-servers localhost:9092",
      "  galatea avatars export ada ben --bootstrap-servers localhost:9092 --out avatars",
      "  galatea avatars export --from out --out avatars",
      "  galatea avatars import --from avatars --bootstrap-servers elsewhere:9092",
      "",
      "An exported avatar is a directory:",
      "  turntable.webp           the head, turned to both sides",
      "  mesh.glb                 the head as a mesh with colours, for Blender, three.js and others",
      "  yaw+0.00_pitch+0.00.png  pictures, where --views asks for them",
      "  latent.npz               W+ for NumPy, as 'w_plus', float32 [layers, width]",
      "  avatar.avro              the record of schemas/Avatar.avsc, for any service",
      "  avatar.json              version, pack, words and light",
      ""
    },
    synopsisSubcommandLabel = "(list | show | export | import)",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
public final class AvatarsCommand {
  @Spec private CommandSpec spec;

  /** Where avatars are read from. */
  static final class Source {
    @Option(
        names = "--from",
        required = true,
        paramLabel = "DIR",
        description = "Read what 'refine' or 'avatars export' wrote to this directory.")
    private Path directory;

    @ArgGroup(exclusive = false)
    private ConnectionArguments connection;
  }

  /** What every subcommand has. */
  static final class Common {
    @ArgGroup(exclusive = true, multiplicity = "1")
    private Source source;

    @Option(
        names = "--pack",
        paramLabel = "DIR",
        description = "The networks that the avatars were made with. Default: the maquette.")
    private Path pack;

    @Option(
        names = "--max-avatars",
        paramLabel = "N",
        defaultValue = "10000",
        description = "Most avatars that are read. Default: ${DEFAULT-VALUE}.")
    private int most;

    Path pack() {
      return pack == null ? InstallationPaths.maquette() : pack;
    }

    AvatarSource source() {
      if (source.directory != null) {
        return new FolderAvatars(source.directory, LatentSpace.of(pack()), most);
      }
      try {
        Configuration config = source.connection.configuration(ConfigurationFiles.recommended());
        return new TopicAvatars(config, most);
      } catch (IllegalArgumentException e) {
        throw new UserError(e.getMessage(), e);
      }
    }
  }

  @Command(
      name = "list",
      description = "Lists the avatars, a line each.",
      mixinStandardHelpOptions = true,
      versionProvider = Main.Version.class)
  int list(
      @Mixin Common common,
      @Option(names = "--json", description = "Write each avatar as a line of JSON.")
          boolean json) {
    PrintWriter out = spec.commandLine().getOut();
    for (LatestAvatar avatar : common.source().avatars()) {
      out.println(json ? AvatarText.json(avatar).toString() : AvatarText.line(avatar));
    }
    out.flush();
    return 0;
  }

  @Command(
      name = "show",
      description = "Shows what is known of an avatar, as JSON.",
      mixinStandardHelpOptions = true,
      versionProvider = Main.Version.class)
  int show(
      @Mixin Common common,
      @Parameters(index = "0", paramLabel = "IDENTITY", description = "Whose avatar.")
          String identity) {
    LatestAvatar avatar = common.source().avatars(List.of(identity)).get(0);
    spec.commandLine().getOut().println(AvatarText.json(avatar).toPrettyString());
    spec.commandLine().getOut().flush();
    return 0;
  }

  @Command(
      name = "export",
      description = "Writes avatars to files, a directory for each.",
      sortOptions = false,
      mixinStandardHelpOptions = true,
      versionProvider = Main.Version.class)
  int export(
      @Mixin Common common,
      @Parameters(
              arity = "0..*",
              paramLabel = "IDENTITY",
              description = "Whose avatars. Default: all.")
          List<String> identities,
      @Option(
              names = "--out",
              paramLabel = "DIR",
              defaultValue = "avatars",
              description = "Where the directories go. Default: ${DEFAULT-VALUE}.")
          Path out,
      @Option(
              names = "--views",
              paramLabel = "YAW[:PITCH]",
              split = ",",
              defaultValue = "0",
              description =
                  "Radians to the right of and above the front that pictures are taken from."
                      + " Default: ${DEFAULT-VALUE}.")
          List<String> views,
      @Option(
              names = "--frames",
              paramLabel = "N",
              defaultValue = "" + ExportSettings.DEFAULT_FRAMES,
              description = "Pictures of the turntable; 0 for none. Default: ${DEFAULT-VALUE}.")
          int frames,
      @Option(
              names = "--mesh-resolution",
              paramLabel = "N",
              defaultValue = "" + MeshMaker.DEFAULT_RESOLUTION,
              description =
                  "Points of the mesh's lattice along each axis; 0 for no mesh. Default:"
                      + " ${DEFAULT-VALUE}.")
          int resolution,
      @Option(
              names = "--records-only",
              description = "Draw nothing: avatar.avro, avatar.json and latent.npz alone.")
          boolean recordsOnly,
      @Option(
              names = "--device",
              paramLabel = "DEVICE",
              defaultValue = "cpu",
              description = "cpu, gpu or gpu:N. Default: ${DEFAULT-VALUE}.")
          String device) {
    require(
        frames >= 0 && frames <= ExportSettings.MAX_FRAMES,
        "--frames is 0 to %d, not %d".formatted(ExportSettings.MAX_FRAMES, frames));
    require(
        resolution == 0 || (resolution >= 8 && resolution <= MeshMaker.MAX_RESOLUTION),
        "--mesh-resolution is 0, or 8 to %d, not %d"
            .formatted(MeshMaker.MAX_RESOLUTION, resolution));
    List<LatestAvatar> avatars =
        common.source().avatars(identities == null ? List.of() : identities);
    PrintWriter written = spec.commandLine().getOut();
    if (recordsOnly) {
      PictureFolder folder = PictureFolder.open(out);
      avatars.forEach(avatar -> written.println(AvatarExporter.record(avatar, folder)));
      written.flush();
      return 0;
    }
    ExportSettings settings = new ExportSettings(device, views(views), frames, resolution);
    try (AvatarExporter exporter = AvatarExporter.open(common.pack(), out, settings)) {
      if (resolution > 0 && !exporter.makesMeshes()) {
        spec.commandLine()
            .getErr()
            .println("galatea: the pack has no network 'density', so no mesh is made");
      }
      for (LatestAvatar avatar : avatars) {
        written.println(exporter.export(avatar));
        written.flush();
      }
    }
    return 0;
  }

  @Command(
      name = "import",
      description = {
        "Gives avatars to the job behind a Kafka: each becomes the next version of its identity. The",
        "job has the pack that they were made with; photos stay where they were."
      },
      sortOptions = false,
      mixinStandardHelpOptions = true,
      versionProvider = Main.Version.class)
  int adopt(
      @Mixin ConnectionArguments connection,
      @Parameters(
              arity = "0..*",
              paramLabel = "IDENTITY",
              description = "Whose avatars. Default: all.")
          List<String> identities,
      @Option(
              names = "--from",
              required = true,
              paramLabel = "DIR",
              description = "What 'refine' or 'avatars export' wrote.")
          Path directory,
      @Option(
              names = "--pack",
              paramLabel = "DIR",
              description = "The networks of avatars that 'refine' left. Default: the maquette.")
          Path pack,
      @Option(
              names = "--max-avatars",
              paramLabel = "N",
              defaultValue = "10000",
              description = "Most avatars that are read. Default: ${DEFAULT-VALUE}.")
          int most) {
    Path networks = pack == null ? InstallationPaths.maquette() : pack;
    List<LatestAvatar> avatars =
        new FolderAvatars(directory, LatentSpace.of(networks), most)
            .avatars(identities == null ? List.of() : identities);
    PrintWriter out = spec.commandLine().getOut();
    try (RequestSender sender =
        RequestSender.open(connection.configuration(ConfigurationFiles.recommended()))) {
      for (LatestAvatar avatar : avatars) {
        Header header = Header.of(avatar.identity(), "import-" + UUID.randomUUID());
        sender.send(new Adopt(header, avatar.known().orElseThrow()));
        out.printf("%s sent as %s%n", AvatarText.plain(avatar.identity()), header.requestId());
      }
      out.flush();
      return 0;
    } catch (KafkaNotReadyException | IllegalArgumentException e) {
      throw new UserError(e.getMessage(), e);
    }
  }

  private List<Viewpoint> views(List<String> views) {
    try {
      return RenderOptions.views(new Configuration().set(RenderOptions.VIEWS, views));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private void require(boolean holds, String message) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }
}
