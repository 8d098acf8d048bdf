package dev.galatea.engine.avatar;

/** What happens to an avatar of another pack at its identity's next request. */
public enum PackChange {
  /** The requests in force are carried out anew with the new pack, then the new request. */
  REFIT,
  /** The request is rejected, and the avatar stays as it is. */
  REJECT
}
