package dev.galatea.studio.gallery;

import dev.galatea.kafka.KafkaNotReadyException;
import dev.galatea.records.Header;
import dev.galatea.records.request.Message;

/** Takes requests and commands to their topics. */
@FunctionalInterface
public interface MessageSender {
  /** Sends a message, and returns where it lies. */
  Header.Origin send(Message message) throws KafkaNotReadyException;
}
