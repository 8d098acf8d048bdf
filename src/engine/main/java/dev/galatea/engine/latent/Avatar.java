package dev.galatea.engine.latent;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * An identity's latent after its last completed request.
 *
 * @param version completed requests so far
 * @param latent W+ after those requests
 */
public record Avatar(long version, Latent latent) {
  /** The stored form. */
  public static final Codec<Avatar> CODEC = new AvatarCodec();

  private static final class AvatarCodec implements Codec<Avatar> {
    private static final int VERSION = 1;

    @Override
    public void write(Avatar avatar, DataOutput out) throws IOException {
      out.writeByte(VERSION);
      out.writeLong(avatar.version());
      Codec.writeFloats(avatar.latent().toArray(), out);
    }

    @Override
    public Avatar read(DataInput in) throws IOException {
      Codec.readVersion(in, VERSION, "an avatar");
      return new Avatar(in.readLong(), Latent.wrap(Codec.readFloats(in)));
    }
  }
}
