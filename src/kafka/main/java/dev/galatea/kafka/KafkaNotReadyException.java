package dev.galatea.kafka;

/** Kafka is not there, or not as the job needs it; the message says what to do. */
public final class KafkaNotReadyException extends Exception {
  private static final long serialVersionUID = 1;

  KafkaNotReadyException(String message) {
    super(message);
  }

  public KafkaNotReadyException(String message, Throwable cause) {
    super(message, cause);
  }
}
