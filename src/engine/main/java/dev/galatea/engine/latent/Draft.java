package dev.galatea.engine.latent;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * An avatar's latent while a request is being carried out. It is dropped if the request is
 * rejected, and its latent becomes the avatar's when the request completes.
 *
 * @param step gradient steps done for the request
 * @param latent W+ so far
 * @param start W+ that the request found, towards which the latent anchor pulls; what an edit
 *     preserves is seen in it
 * @param firstMoment Adam's m, as long as the latent
 * @param secondMoment Adam's v, as long as the latent
 */
public record Draft(
    int step, Latent latent, Latent start, float[] firstMoment, float[] secondMoment) {
  /** The stored form. */
  public static final Codec<Draft> CODEC = new DraftCodec();

  private static final class DraftCodec implements Codec<Draft> {
    private static final int VERSION = 1;

    @Override
    public void write(Draft draft, DataOutput out) throws IOException {
      out.writeByte(VERSION);
      out.writeInt(draft.step());
      Codec.writeFloats(draft.latent().toArray(), out);
      Codec.writeFloats(draft.start().toArray(), out);
      Codec.writeFloats(draft.firstMoment(), out);
      Codec.writeFloats(draft.secondMoment(), out);
    }

    @Override
    public Draft read(DataInput in) throws IOException {
      Codec.readVersion(in, VERSION, "a draft");
      return new Draft(
          in.readInt(),
          Latent.wrap(Codec.readFloats(in)),
          Latent.wrap(Codec.readFloats(in)),
          Codec.readFloats(in),
          Codec.readFloats(in));
    }
  }
}
