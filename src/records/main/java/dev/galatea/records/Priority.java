package dev.galatea.records;

/** How much a request may be made to wait for those of other identities. */
public enum Priority {
  /** Somebody waits for it. */
  NORMAL,
  /** It can wait, as a backfill can: it yields to normal requests, though not for ever. */
  LOW
}
