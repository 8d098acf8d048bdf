package dev.galatea.engine.latent;

import dev.galatea.records.PackId;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Optional;

/**
 * An identity's latent after its last completed request.
 *
 * @param version completed requests so far
 * @param latent W+ after those requests
 * @param pack whose latent it is; empty if it was kept by a release that named none, or the refiner
 *     has no pack
 */
public record Avatar(long version, Latent latent, Optional<PackId> pack) {
  /** The stored form. Version 1 named no pack. */
  public static final Codec<Avatar> CODEC = new AvatarCodec();

  /** An avatar of no known pack. */
  public Avatar(long version, Latent latent) {
    this(version, latent, Optional.empty());
  }

  private static final class AvatarCodec implements Codec<Avatar> {
    private static final int VERSION = 2;

    @Override
    public void write(Avatar avatar, DataOutput out) throws IOException {
      out.writeByte(VERSION);
      out.writeLong(avatar.version());
      Codec.writeFloats(avatar.latent().toArray(), out);
      PackIdCodec.write(avatar.pack(), out);
    }

    @Override
    public Avatar read(DataInput in) throws IOException {
      int version = Codec.readVersion(in, VERSION, "an avatar");
      return new Avatar(
          in.readLong(),
          Latent.wrap(Codec.readFloats(in)),
          version == 1 ? Optional.empty() : PackIdCodec.read(in));
    }
  }
}
