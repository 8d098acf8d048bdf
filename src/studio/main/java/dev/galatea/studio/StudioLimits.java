package dev.galatea.studio;

/**
 * What a studio keeps in memory.
 *
 * @param identities most identities; beyond, the one that has been still the longest is forgotten
 * @param versions most versions of an identity
 * @param pictureBytes of all pictures and photos together; beyond, identities that have been still
 *     the longest keep their newest frontal picture alone, and then are forgotten
 * @param listeners most open event streams
 */
public record StudioLimits(int identities, int versions, long pictureBytes, int listeners) {
  /** Thousands of identities in a heap that has other work too. */
  public static final StudioLimits DEFAULT = new StudioLimits(5000, 24, 128L << 20, 32);

  public StudioLimits {
    require(identities >= 1, "a studio keeps at least 1 identity, not " + identities);
    require(versions >= 1, "a studio keeps at least 1 version, not " + versions);
    require(
        pictureBytes >= 1 << 20, "pictures need at least 1 MiB, not " + pictureBytes + " bytes");
    require(listeners >= 1, "a studio has at least 1 event stream, not " + listeners);
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
