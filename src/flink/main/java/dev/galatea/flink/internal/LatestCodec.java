package dev.galatea.flink.internal;

import dev.galatea.engine.avatar.WireCodec;
import dev.galatea.engine.latent.Codec;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.wire.Wire;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** The latest of avatars between operators: its Avro form, or the identity that is forgotten. */
final class LatestCodec implements Codec<LatestAvatar> {
  private static final WireCodec<LatestAvatar> KNOWN =
      new WireCodec<>(Wire::encode, Wire::decodeAvatar);

  @Override
  public void write(LatestAvatar avatar, DataOutput out) throws IOException {
    out.writeBoolean(avatar.known().isPresent());
    if (avatar.known().isPresent()) {
      KNOWN.write(avatar, out);
    } else {
      out.writeUTF(avatar.identity());
    }
  }

  @Override
  public LatestAvatar read(DataInput in) throws IOException {
    return in.readBoolean() ? KNOWN.read(in) : LatestAvatar.forgotten(in.readUTF());
  }
}
