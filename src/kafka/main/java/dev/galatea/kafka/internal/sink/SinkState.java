package dev.galatea.kafka.internal.sink;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Optional;
import org.apache.flink.connector.kafka.sink.KafkaWriterState;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * What a writer keeps in a checkpoint.
 *
 * @param kafka of Flink's writer
 * @param line that the job goes on with; empty in a checkpoint from before there were lines
 */
record SinkState(KafkaWriterState kafka, Optional<String> line) {

  /** Versions below {@link #FIRST} are those of Flink's writer, whose state was kept alone. */
  record Serializer(SimpleVersionedSerializer<KafkaWriterState> kafka)
      implements SimpleVersionedSerializer<SinkState> {
    static final int FIRST = 1000;

    @Override
    public int getVersion() {
      return FIRST + kafka.getVersion();
    }

    @Override
    public byte[] serialize(SinkState state) throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      out.writeUTF(state.line.orElse(""));
      out.write(kafka.serialize(state.kafka));
      return bytes.toByteArray();
    }

    @Override
    public SinkState deserialize(int version, byte[] serialized) throws IOException {
      if (version < FIRST) {
        return new SinkState(kafka.deserialize(version, serialized), Optional.empty());
      }
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(serialized));
      Optional<String> line = Optional.of(in.readUTF()).filter(read -> !read.isEmpty());
      return new SinkState(kafka.deserialize(version - FIRST, in.readAllBytes()), line);
    }
  }
}
