package dev.galatea.kafka;

/** Kafka cannot be reached, or is not set up as the job needs it. The message says what to do. */
public final class KafkaNotReadyException extends Exception {
  private static final long serialVersionUID = 1;

  KafkaNotReadyException(String message) {
    super(message);
  }

  public KafkaNotReadyException(String message, Throwable cause) {
    super(message, cause);
  }
}
