package dev.galatea.flink.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.galatea.engine.avatar.InboxCursor;
import dev.galatea.engine.latent.Avatar;
import dev.galatea.engine.latent.Draft;
import dev.galatea.engine.latent.Latent;
import dev.galatea.flink.RecordSerializer;
import dev.galatea.flink.WireTypeInfo;
import dev.galatea.records.EncodedImage;
import dev.galatea.records.Header;
import dev.galatea.records.Picture;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Request;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;

class RecordSerializerTest {
  private static final Header HEADER = Header.of("anna", "r1");

  @Test
  void latentsKeepEveryBit() throws IOException {
    float[] w = {1, -0f, Float.MIN_VALUE, Float.NaN, 3.5f};
    Draft draft =
        new Draft(
            7,
            Latent.wrap(w),
            Latent.wrap(new float[] {1, 2, 3, 4, 5}),
            new float[5],
            new float[5]);
    Draft read = roundTrip(new RecordSerializer<>(RecordFormat.DRAFT), draft);
    assertThat(read.step()).isEqualTo(7);
    assertThat(read.latent().toArray()).isEqualTo(w);
    assertThat(read.start()).isEqualTo(draft.start());

    Avatar avatar =
        roundTrip(
            new RecordSerializer<>(RecordFormat.AVATAR), new Avatar(1L << 40, Latent.wrap(w)));
    assertThat(avatar.version()).isEqualTo(1L << 40);
    assertThat(avatar.latent().toArray()).isEqualTo(w);
  }

  @Test
  void progressKeepsTheIdsOfRecentRequestsOnly() throws IOException {
    InboxCursor progress = InboxCursor.NONE;
    for (int i = 0; i < 5; i++) {
      progress = progress.admitted("r" + i, 3, 10 + i);
    }
    progress = progress.finished(20).failed().failed();
    assertThat(roundTrip(new RecordSerializer<>(RecordFormat.PROGRESS), progress))
        .isEqualTo(new InboxCursor(1, 5, 20, 2, 0, List.of("r2", "r3", "r4")));
  }

  @Test
  void progressOfVersion1IsReadAsOneWithoutFailures() throws IOException {
    DataOutputSerializer old = new DataOutputSerializer(64);
    old.writeByte(1);
    old.writeLong(3);
    old.writeLong(5);
    old.writeLong(20);
    old.writeInt(1);
    old.writeUTF("r4");
    DataInputDeserializer in = new DataInputDeserializer(old.getCopyOfBuffer());
    assertThat(new RecordSerializer<>(RecordFormat.PROGRESS).deserialize(in))
        .isEqualTo(new InboxCursor(3, 5, 20, 0, 0, List.of("r4")));
  }

  @Test
  void aRequestIdOfAnyLengthIsStored() throws IOException {
    InboxCursor cursor = InboxCursor.NONE.admitted("ä".repeat(40_000), 3, 1);
    assertThat(roundTrip(new RecordSerializer<>(RecordFormat.PROGRESS), cursor)).isEqualTo(cursor);
  }

  @Test
  void aPictureOfAValidatedRequestKeepsItsPixels() throws IOException {
    byte[] rgb = new byte[3 * 8 * 8];
    new Random(7).nextBytes(rgb);
    Request face = FaceImage.aligned(HEADER, new Picture(8, rgb), Optional.empty());
    FaceImage read = (FaceImage) roundTrip(serializer(WireTypeInfo.REQUEST), face);
    assertThat(((Picture) read.image()).rgb()).isEqualTo(rgb);

    Request sent = FaceImage.aligned(HEADER, new EncodedImage(rgb), Optional.empty());
    FaceImage readSent = (FaceImage) roundTrip(serializer(WireTypeInfo.REQUEST), sent);
    assertThat(((EncodedImage) readSent.image()).bytes()).isEqualTo(rgb);
  }

  @Test
  void aSerializerIsRestoredFromItsSnapshot() throws Exception {
    TypeSerializer<Request> serializer = serializer(WireTypeInfo.REQUEST);
    DataOutputSerializer out = new DataOutputSerializer(64);
    TypeSerializerSnapshot.writeVersionedSnapshot(out, serializer.snapshotConfiguration());
    TypeSerializerSnapshot<Request> snapshot =
        TypeSerializerSnapshot.readVersionedSnapshot(
            new DataInputDeserializer(out.getCopyOfBuffer()), getClass().getClassLoader());

    assertThat(snapshot.restoreSerializer()).isEqualTo(serializer);
    assertThat(
            serializer
                .snapshotConfiguration()
                .resolveSchemaCompatibility(snapshot)
                .isCompatibleAsIs())
        .isTrue();
  }

  @Test
  void typesAndSerializersSurviveJavaSerialization() throws Exception {
    assertThat(InstantiationUtil.clone(WireTypeInfo.RENDER)).isEqualTo(WireTypeInfo.RENDER);
    TypeSerializer<Request> clone = InstantiationUtil.clone(serializer(WireTypeInfo.REQUEST));
    Prompt prompt = new Prompt(HEADER, "red hair", "", 1);
    assertThat(roundTrip(clone, prompt).header().identity()).isEqualTo("anna");
  }

  @Test
  void aNewerFormatIsRefused() {
    DataInputDeserializer newer = new DataInputDeserializer(new byte[] {9, 0, 0, 0, 0});
    assertThatThrownBy(() -> new RecordSerializer<>(RecordFormat.DRAFT).deserialize(newer))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("a draft of format 9");
  }

  private static <T> TypeSerializer<T> serializer(WireTypeInfo<T> type) {
    return type.createSerializer(new SerializerConfigImpl());
  }

  private static <T> T roundTrip(TypeSerializer<T> serializer, T value) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    serializer.serialize(value, out);
    DataInputDeserializer in = new DataInputDeserializer(out.getCopyOfBuffer());
    DataOutputSerializer copy = new DataOutputSerializer(64);
    serializer.copy(in, copy);
    T read = serializer.deserialize(new DataInputDeserializer(copy.getCopyOfBuffer()));
    assertThat(in.available()).isZero();
    return read;
  }
}
