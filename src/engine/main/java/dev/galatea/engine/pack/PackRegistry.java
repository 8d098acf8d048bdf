package dev.galatea.engine.pack;

import ai.djl.Device;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.engine.torch.DeviceName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The packs that this process has loaded.
 *
 * <p><b>Owned state:</b> one {@link Pack} for each directory, manifest, choice of networks and
 * device in use, with the number of its leases. <b>Lifecycle:</b> loaded by the first {@link
 * #acquire}, closed with the last lease. <b>Threading:</b> any thread; a caller waits while another
 * one loads a pack.
 */
public final class PackRegistry {
  private static final Map<PackKey, SharedPack> LOADED = new HashMap<>();

  private PackRegistry() {}

  /**
   * A share of a pack, loaded if nobody has it yet.
   *
   * @param directory the pack
   * @param device where its networks shall run
   * @throws PackException if the pack cannot be used; the next caller tries anew
   */
  public static Lease acquire(Path directory, Device device) {
    return acquire(PackKey.of(directory, EnumSet.allOf(Network.class), device));
  }

  /**
   * A share of some networks of a pack on the CPU, for whoever runs no others.
   *
   * @param networks those that are wanted, if the pack has them
   */
  static Lease acquireOnly(Path directory, Set<Network> networks) {
    return acquire(PackKey.of(directory, networks, Device.cpu()));
  }

  private static Lease acquire(PackKey key) {
    synchronized (LOADED) {
      SharedPack shared = LOADED.get(key);
      if (shared == null) {
        shared = new SharedPack(key.load());
        LOADED.put(key, shared);
      }
      shared.leases++;
      return new Lease(key, shared);
    }
  }

  /**
   * The same, with the device by its name.
   *
   * @param device in the notation of {@link DeviceName}
   */
  public static Lease acquire(Path directory, String device) {
    return acquire(directory, DeviceName.resolve(device));
  }

  private static void release(PackKey key, SharedPack shared) {
    synchronized (LOADED) {
      shared.leases--;
      if (shared.leases == 0) {
        LOADED.remove(key);
        shared.pack.close();
      }
    }
  }

  /** A share of a loaded pack. Closing it twice is closing it once. */
  public static final class Lease implements AutoCloseable {
    private final PackKey key;
    private final SharedPack shared;
    private boolean closed;

    private Lease(PackKey key, SharedPack shared) {
      this.key = key;
      this.shared = shared;
    }

    /** The pack, good until this lease is closed. */
    public Pack pack() {
      return shared.pack;
    }

    @Override
    public synchronized void close() {
      if (!closed) {
        closed = true;
        release(key, shared);
      }
    }
  }

  private static final class SharedPack {
    private final Pack pack;
    private int leases;

    private SharedPack(Pack pack) {
      this.pack = pack;
    }
  }

  /** A pack whose manifest has changed on disk is another pack. */
  private record PackKey(Path directory, String manifest, Set<Network> networks, Device device) {
    static PackKey of(Path directory, Set<Network> networks, Device device) {
      PackManifest.read(directory);
      try {
        Path real = directory.toRealPath();
        String manifest = PackFiles.sha256(real.resolve(PackManifest.FILE_NAME));
        return new PackKey(real, manifest, networks, device);
      } catch (IOException e) {
        throw new PackException(directory + " cannot be read: " + e.getMessage(), e);
      }
    }

    Pack load() {
      return networks.size() == Network.values().length
          ? Pack.load(directory, device)
          : Pack.load(directory, device, networks);
    }
  }
}
