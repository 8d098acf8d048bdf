package dev.galatea.engine.latent;

import dev.galatea.records.PackId;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The stored form of latents: a version byte, the scalars, then raw big-endian float32, then the
 * pack. Version 1 named no pack.
 */
public final class LatentCodec {
  /** Avatars. */
  public static final Codec<Avatar> AVATAR = new OfAvatar();

  /** Drafts. */
  public static final Codec<Draft> DRAFT = new OfDraft();

  private static final int VERSION = 2;

  private LatentCodec() {}

  private static final class OfAvatar implements Codec<Avatar> {
    @Override
    public void write(Avatar avatar, DataOutput out) throws IOException {
      out.writeByte(VERSION);
      out.writeLong(avatar.version());
      writeFloats(avatar.latent().toArray(), out);
      writePack(avatar.pack(), out);
    }

    @Override
    public Avatar read(DataInput in) throws IOException {
      int version = Codec.readVersion(in, VERSION, "an avatar");
      return new Avatar(in.readLong(), readLatent(in), readPack(in, version));
    }
  }

  private static final class OfDraft implements Codec<Draft> {
    @Override
    public void write(Draft draft, DataOutput out) throws IOException {
      out.writeByte(VERSION);
      out.writeInt(draft.step());
      writeFloats(draft.latent().toArray(), out);
      writeFloats(draft.start().toArray(), out);
      writeFloats(draft.firstMoment(), out);
      writeFloats(draft.secondMoment(), out);
      writePack(draft.pack(), out);
    }

    @Override
    public Draft read(DataInput in) throws IOException {
      int version = Codec.readVersion(in, VERSION, "a draft");
      return new Draft(
          in.readInt(),
          readLatent(in),
          readLatent(in),
          readFloats(in),
          readFloats(in),
          readPack(in, version));
    }
  }

  private static void writePack(Optional<PackId> pack, DataOutput out) throws IOException {
    out.writeBoolean(pack.isPresent());
    if (pack.isPresent()) {
      out.writeUTF(pack.get().id());
      out.writeInt(pack.get().version());
      out.writeUTF(pack.get().hash());
    }
  }

  private static Optional<PackId> readPack(DataInput in, int version) throws IOException {
    return version > 1 && in.readBoolean()
        ? Optional.of(new PackId(in.readUTF(), in.readInt(), in.readUTF()))
        : Optional.empty();
  }

  private static void writeFloats(float[] values, DataOutput out) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length);
    bytes.asFloatBuffer().put(values);
    out.writeInt(values.length);
    out.write(bytes.array());
  }

  private static Latent readLatent(DataInput in) throws IOException {
    return Latent.wrap(readFloats(in));
  }

  private static float[] readFloats(DataInput in) throws IOException {
    float[] values = new float[in.readInt()];
    byte[] bytes = new byte[Float.BYTES * values.length];
    in.readFully(bytes);
    ByteBuffer.wrap(bytes).asFloatBuffer().get(values);
    return values;
  }
}
