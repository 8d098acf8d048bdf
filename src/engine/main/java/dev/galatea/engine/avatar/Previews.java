package dev.galatea.engine.avatar;

/** Which slices of a request yield a preview; the last one yields the final render instead. */
public enum Previews {
  /** Every slice but the last. */
  EVERY_SLICE {
    @Override
    public boolean wants(boolean first) {
      return true;
    }
  },
  /** The first slice only: a sign that the request is under way. */
  FIRST_SLICE {
    @Override
    public boolean wants(boolean first) {
      return first;
    }
  },
  /** None. */
  NONE {
    @Override
    public boolean wants(boolean first) {
      return false;
    }
  };

  public abstract boolean wants(boolean first);
}
