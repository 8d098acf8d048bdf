package dev.galatea.chaos;

import dev.galatea.records.Header;
import dev.galatea.records.request.Message;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * A record that was sent.
 *
 * @param identity whose it is
 * @param message what it asks for; empty of a record that no job could read
 * @param poison what is wrong with it; empty of a sound one
 * @param again whether it repeats a record that was sent before
 * @param delivery where it lies, once a broker has it
 */
record Sent(
    String identity,
    Optional<Message> message,
    Optional<String> poison,
    boolean again,
    Future<RecordMetadata> delivery) {

  Header.Origin origin() throws InterruptedException {
    try {
      RecordMetadata lies = delivery.get();
      return new Header.Origin(lies.topic(), lies.partition(), lies.offset());
    } catch (ExecutionException e) {
      throw new IllegalStateException("a record was not delivered", e.getCause());
    }
  }
}
