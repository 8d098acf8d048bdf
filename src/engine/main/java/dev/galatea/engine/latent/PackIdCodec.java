package dev.galatea.engine.latent;

import dev.galatea.records.PackId;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Optional;

/** The stored form of the pack that a latent belongs to, as a part of other values. */
final class PackIdCodec {
  private PackIdCodec() {}

  static void write(Optional<PackId> pack, DataOutput out) throws IOException {
    out.writeBoolean(pack.isPresent());
    if (pack.isPresent()) {
      out.writeUTF(pack.get().id());
      out.writeInt(pack.get().version());
      out.writeUTF(pack.get().hash());
    }
  }

  static Optional<PackId> read(DataInput in) throws IOException {
    return in.readBoolean()
        ? Optional.of(new PackId(in.readUTF(), in.readInt(), in.readUTF()))
        : Optional.empty();
  }
}
