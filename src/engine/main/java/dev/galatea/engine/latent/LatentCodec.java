package dev.galatea.engine.latent;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The stored form of latents: a version byte, the scalars, then raw big-endian float32. */
public final class LatentCodec {
  /** Avatars. */
  public static final Codec<Avatar> AVATAR = new OfAvatar();

  /** Drafts. */
  public static final Codec<Draft> DRAFT = new OfDraft();

  private static final int VERSION = 1;

  private LatentCodec() {}

  private static final class OfAvatar implements Codec<Avatar> {
    @Override
    public void write(Avatar avatar, DataOutput out) throws IOException {
      out.writeByte(VERSION);
      out.writeLong(avatar.version());
      writeFloats(avatar.latent().toArray(), out);
    }

    @Override
    public Avatar read(DataInput in) throws IOException {
      Codec.readVersion(in, VERSION, "an avatar");
      return new Avatar(in.readLong(), readLatent(in));
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
    }

    @Override
    public Draft read(DataInput in) throws IOException {
      Codec.readVersion(in, VERSION, "a draft");
      return new Draft(
          in.readInt(), readLatent(in), readLatent(in), readFloats(in), readFloats(in));
    }
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
