package dev.galatea.records.wire;

import dev.galatea.records.HeadCrop;
import dev.galatea.records.result.InvalidRequest;
import dev.galatea.records.result.Reject;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** Crops as the fields {@code corners} and {@code confidence} of an Avro record. */
final class CropRecords {
  private CropRecords() {}

  /** A record of that schema with the crop's fields set. */
  static GenericRecord filled(Schema schema, HeadCrop crop) {
    Schema point = schema.getField("corners").schema().getElementType();
    List<GenericRecord> corners = new ArrayList<>();
    for (HeadCrop.Point corner : crop.corners()) {
      GenericRecord record = new GenericData.Record(point);
      record.put("x", corner.x());
      record.put("y", corner.y());
      corners.add(record);
    }
    GenericRecord filled = new GenericData.Record(schema);
    filled.put("corners", corners);
    filled.put("confidence", crop.confidence());
    return filled;
  }

  static HeadCrop crop(GenericRecord record) throws InvalidRequest {
    List<HeadCrop.Point> corners = new ArrayList<>();
    for (Object corner : (List<?>) record.get("corners")) {
      GenericRecord point = (GenericRecord) corner;
      corners.add(new HeadCrop.Point((float) point.get("x"), (float) point.get("y")));
    }
    try {
      return new HeadCrop(corners, (float) record.get("confidence"));
    } catch (IllegalArgumentException e) {
      throw new InvalidRequest(Reject.Reason.UNDECODABLE, e.getMessage());
    }
  }
}
