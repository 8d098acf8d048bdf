package dev.galatea.engine.latent;

import dev.galatea.records.PackId;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Optional;

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
 * @param pack whose latent it is; empty if it was kept by a release that named none, or the refiner
 *     has no pack
 */
public record Draft(
    int step,
    Latent latent,
    Latent start,
    float[] firstMoment,
    float[] secondMoment,
    Optional<PackId> pack) {
  /** The stored form. Version 1 named no pack. */
  public static final Codec<Draft> CODEC = new DraftCodec();

  /** A draft of no known pack. */
  public Draft(int step, Latent latent, Latent start, float[] firstMoment, float[] secondMoment) {
    this(step, latent, start, firstMoment, secondMoment, Optional.empty());
  }

  /** This draft as one of a pack's. */
  public Draft of(Optional<PackId> madeWith) {
    return new Draft(step, latent, start, firstMoment, secondMoment, madeWith);
  }

  private static final class DraftCodec implements Codec<Draft> {
    private static final int VERSION = 2;

    @Override
    public void write(Draft draft, DataOutput out) throws IOException {
      out.writeByte(VERSION);
      out.writeInt(draft.step());
      Codec.writeFloats(draft.latent().toArray(), out);
      Codec.writeFloats(draft.start().toArray(), out);
      Codec.writeFloats(draft.firstMoment(), out);
      Codec.writeFloats(draft.secondMoment(), out);
      PackIdCodec.write(draft.pack(), out);
    }

    @Override
    public Draft read(DataInput in) throws IOException {
      int version = Codec.readVersion(in, VERSION, "a draft");
      return new Draft(
          in.readInt(),
          Latent.wrap(Codec.readFloats(in)),
          Latent.wrap(Codec.readFloats(in)),
          Codec.readFloats(in),
          Codec.readFloats(in),
          version == 1 ? Optional.empty() : PackIdCodec.read(in));
    }
  }
}
