package dev.galatea.records;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;

/**
 * Which pack drew a picture, or made a latent.
 *
 * @param id name of the pack
 * @param version version of the pack
 * @param hash SHA-256 of the pack's manifest, which names the hash of every file, in lower-case
 *     hexadecimal
 */
public record PackId(String id, int version, String hash) implements Serializable {
  private static final int SHOWN_HASH_CHARS = 12;

  public PackId {
    requireNonNull(id, "id");
    requireNonNull(hash, "hash");
  }

  /** For people: the hash is cut. */
  @Override
  public String toString() {
    String shown = hash.substring(0, Math.min(SHOWN_HASH_CHARS, hash.length()));
    return "%s %d (%s)".formatted(id, version, shown);
  }
}
