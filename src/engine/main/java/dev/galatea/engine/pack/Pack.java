package dev.galatea.engine.pack;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtSymbolBlock;
import dev.galatea.engine.latent.Latent;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.engine.torch.DeviceName;
import dev.galatea.engine.torch.Torch;
import dev.galatea.records.Camera;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A pack's networks on one device: frozen, in eval mode, and differentiable with respect to their
 * inputs.
 *
 * <p><b>Owned state:</b> the native modules and the tokenizer. <b>Lifecycle:</b> {@link
 * PackRegistry#acquire} loads a pack once per device and closes it with its last lease.
 * <b>Threading:</b> nothing changes after loading, so that any number of threads may run networks
 * at once, each on arrays of its own. <b>Why:</b> weights are by far the largest thing in memory,
 * and all workers of a process read the same ones.
 */
public final class Pack implements AutoCloseable {
  private final PackManifest manifest;
  private final NDManager manager;
  private final DataType type;
  private final Map<NetworkContract, PtSymbolBlock> networks = new LinkedHashMap<>();
  private Optional<Tokenizer> tokenizer = Optional.empty();
  private Latent meanLatent;
  private float[] alphasCumprod = {};

  private Pack(PackManifest manifest, Device device, DataType type) {
    this.manifest = manifest;
    this.manager = Torch.newManager(device);
    this.type = type;
  }

  /**
   * Loads a pack for the caller alone. What runs in a shared process uses {@link PackRegistry}.
   *
   * @throws PackException if anything differs from the manifest or the contract
   */
  public static Pack load(Path directory, Device device) {
    return load(directory, device, DataType.FLOAT32);
  }

  /** Loads a pack whose networks take and return the given type. Only tests use another one. */
  static Pack load(Path directory, Device device, DataType type) {
    PackFiles files = PackFiles.verify(directory, PackManifest.read(directory));
    Pack pack = open(files, device, type);
    try {
      NetworkRunner.verifyAll(pack);
      return pack;
    } catch (RuntimeException e) {
      pack.close();
      throw e;
    }
  }

  /**
   * Opens a pack without running any of its networks, for verification one by one.
   *
   * @param device in the notation of {@link DeviceName}
   * @throws PackException if a file is not what its name promises
   * @throws dev.galatea.engine.torch.DeviceException if there is no such device
   */
  public static Pack openUnverified(PackFiles files, String device) {
    return open(files, DeviceName.resolve(device), DataType.FLOAT32);
  }

  private static Pack open(PackFiles files, Device device, DataType type) {
    Pack pack = new Pack(files.manifest(), device, type);
    try {
      pack.open(files);
      return pack;
    } catch (RuntimeException e) {
      pack.close();
      throw e;
    }
  }

  private void open(PackFiles files) {
    meanLatent = Latent.wrap(files.floats(manifest.latent().mean(), manifest.latent().count()));
    if (manifest.prior().isPresent()) {
      PackManifest.Prior prior = manifest.prior().get();
      alphasCumprod = files.floats(prior.alphasCumprod(), prior.steps());
    }
    if (manifest.text().isPresent()) {
      PackManifest.Text text = manifest.text().get();
      Tokenizer opened = Tokenizer.open(files.path(text.tokenizer()), text.tokens());
      tokenizer = Optional.of(opened);
      PackVocabulary.verify(text, opened);
    }
    manifest
        .networkFiles()
        .forEach((network, file) -> networks.put(network, openNetwork(files.path(file))));
  }

  private PtSymbolBlock openNetwork(Path file) {
    try {
      return Torch.load(manager, file);
    } catch (EngineException e) {
      throw new PackException(
          file + " is no TorchScript file that libtorch can load: " + Torch.reason(e), e);
    }
  }

  /** What the pack says of itself. */
  public PackManifest manifest() {
    return manifest;
  }

  /** Where the networks run. */
  public Device device() {
    return manager.getDevice();
  }

  /** The type of every network's real inputs and outputs. */
  public DataType type() {
    return type;
  }

  /** The mean W+. */
  public Latent meanLatent() {
    return meanLatent;
  }

  /** ᾱ_t of a diffusion timestep in {@code [0, prior.steps)}. */
  public float alphaCumprod(int timestep) {
    return alphasCumprod[timestep];
  }

  /** The networks that the pack holds, in the order of the contract, the pack's own ones last. */
  List<NetworkContract> networks() {
    return List.copyOf(networks.keySet());
  }

  /** Whether the pack holds the network. */
  public boolean has(NetworkContract network) {
    return networks.containsKey(network);
  }

  /**
   * Runs a network, recording the graph if the calling thread records one.
   *
   * @param inputs as {@code docs/pack.md} lists them, on this pack's device
   * @return the output, which belongs to the first input's manager
   * @throws PackException if the pack lacks the network
   */
  public NDArray run(NetworkContract network, NDArray... inputs) {
    PtSymbolBlock block = networks.get(network);
    if (block == null) {
      throw new PackException(
          "pack '%s' has no network '%s'".formatted(manifest.id(), network.key()));
    }
    return Torch.forward(block, inputs);
  }

  /** Cameras as the render network takes them, {@code [n,25]}. */
  public NDArray cameras(NDManager owner, List<Camera> cameras) {
    FloatBuffer values = FloatBuffer.allocate(cameras.size() * Camera.COUNT);
    cameras.forEach(camera -> values.put(camera.values()));
    Shape shape = new Shape(cameras.size(), Camera.COUNT);
    return Torch.array(owner, type, shape, values.array());
  }

  /**
   * W+ as the networks take it, {@code [n,L,D]}.
   *
   * @param values n latents, one after the other
   */
  public NDArray latents(NDManager owner, float[] values) {
    PackManifest.LatentShape latent = manifest.latent();
    Shape shape = new Shape(values.length / latent.count(), latent.layers(), latent.width());
    return Torch.array(owner, type, shape, values);
  }

  /** Token ids of a text, as many as the manifest says. */
  public long[] tokens(String text) {
    return tokenizer
        .orElseThrow(() -> new PackException("pack '%s' has no tokenizer".formatted(manifest.id())))
        .ids(text);
  }

  @Override
  public void close() {
    networks.values().forEach(PtSymbolBlock::close);
    networks.clear();
    tokenizer.ifPresent(Tokenizer::close);
    manager.close();
  }
}
