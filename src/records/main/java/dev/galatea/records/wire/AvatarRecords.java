package dev.galatea.records.wire;

import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.LatestAvatar.Known;
import dev.galatea.records.result.LatestAvatar.LatentMatrix;
import dev.galatea.records.result.LatestAvatar.PromptInForce;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;

/** The latest of avatars as the Avro records that other services read. */
final class AvatarRecords {
  private static final Schema PACK = record("pack");
  private static final Schema PROMPT = record("prompt");
  private static final Schema VIEW = record("picture");

  private AvatarRecords() {}

  private static Schema record(String field) {
    return Schemas.AVATAR.getField(field).schema().getTypes().get(1);
  }

  static GenericRecord toRecord(String identity, Known known) {
    return new GenericRecordBuilder(Schemas.AVATAR)
        .set("identity", identity)
        .set("version", known.version())
        .set("request_id", known.requestId())
        .set("layers", known.latent().layers())
        .set("width", known.latent().width())
        .set("latent", RequestRecords.floats(known.latent().values()))
        .set("pack", known.pack().map(p -> OutcomeRecords.packRecord(PACK, p)).orElse(null))
        .set(
            "source_camera",
            known.sourceCamera().map(c -> RequestRecords.floats(c.values())).orElse(null))
        .set("prompt", known.prompt().map(AvatarRecords::prompt).orElse(null))
        .set("light", known.light().map(l -> RequestRecords.floats(l.coefficients())).orElse(null))
        .set("picture", known.picture().map(v -> OutcomeRecords.viewRecord(VIEW, v)).orElse(null))
        .set("updated_at", RequestRecords.toMillis(known.updatedAt()))
        .build();
  }

  private static GenericRecord prompt(PromptInForce prompt) {
    GenericRecord record = new GenericData.Record(PROMPT);
    record.put("text", prompt.text());
    record.put("negative", prompt.negative());
    record.put("strength", prompt.strength());
    return record;
  }

  static LatestAvatar toAvatar(GenericRecord record) throws InvalidRequest {
    OutcomeRecords.expect("Avatar", record);
    int layers = (int) record.get("layers");
    int width = (int) record.get("width");
    List<?> latent = (List<?>) record.get("latent");
    if ((long) layers * width != latent.size()) {
      throw OutcomeRecords.undecodable("an Avatar whose latent is not layers times width numbers");
    }
    float[] values = new float[latent.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) latent.get(i);
    }
    GenericRecord picture = (GenericRecord) record.get("picture");
    return LatestAvatar.of(
        record.get("identity").toString(),
        new Known(
            (long) record.get("version"),
            record.get("request_id").toString(),
            new LatentMatrix(layers, width, values),
            OutcomeRecords.pack(record.get("pack")),
            RequestRecords.camera(record.get("source_camera")),
            Optional.ofNullable((GenericRecord) record.get("prompt")).map(AvatarRecords::toPrompt),
            RequestRecords.light(record.get("light")),
            Optional.ofNullable(picture).map(OutcomeRecords::toView),
            Instant.ofEpochMilli((long) record.get("updated_at"))));
  }

  private static PromptInForce toPrompt(GenericRecord prompt) {
    return new PromptInForce(
        prompt.get("text").toString(),
        prompt.get("negative").toString(),
        (double) prompt.get("strength"));
  }
}
