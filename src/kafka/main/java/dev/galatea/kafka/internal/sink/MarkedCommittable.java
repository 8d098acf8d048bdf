package dev.galatea.kafka.internal.sink;

import dev.galatea.kafka.internal.lineage.Mark;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Optional;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * A transaction to be committed.
 *
 * @param kafka names it to Kafka
 * @param written the mark in it; empty in a checkpoint from before there were marks
 */
record MarkedCommittable(KafkaCommittable kafka, Optional<Written> written) {

  /**
   * A mark, and where it is to be found. Topics may have other names when the job starts again.
   *
   * @param lineage name of the lineage topic
   * @param topic that the transaction writes to
   */
  record Written(String lineage, String topic, Mark mark) {}

  /** Versions below {@link #FIRST} are those of Flink's sink, whose committable was kept alone. */
  record Serializer(SimpleVersionedSerializer<KafkaCommittable> kafka)
      implements SimpleVersionedSerializer<MarkedCommittable> {
    static final int FIRST = 1000;

    @Override
    public int getVersion() {
      return FIRST + kafka.getVersion();
    }

    @Override
    public byte[] serialize(MarkedCommittable committable) throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      out.writeBoolean(committable.written.isPresent());
      if (committable.written.isPresent()) {
        Written written = committable.written.get();
        out.writeUTF(written.lineage);
        out.writeUTF(written.topic);
        Mark mark = written.mark;
        out.writeInt(mark.subtask());
        out.writeUTF(mark.line());
        out.writeLong(mark.after());
      }
      out.write(kafka.serialize(committable.kafka));
      return bytes.toByteArray();
    }

    @Override
    public MarkedCommittable deserialize(int version, byte[] serialized) throws IOException {
      if (version < FIRST) {
        return new MarkedCommittable(kafka.deserialize(version, serialized), Optional.empty());
      }
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(serialized));
      Optional<Written> written = in.readBoolean() ? Optional.of(read(in)) : Optional.empty();
      return new MarkedCommittable(kafka.deserialize(version - FIRST, in.readAllBytes()), written);
    }

    private static Written read(DataInputStream in) throws IOException {
      String lineage = in.readUTF();
      String topic = in.readUTF();
      return new Written(lineage, topic, new Mark(in.readInt(), in.readUTF(), in.readLong()));
    }
  }
}
