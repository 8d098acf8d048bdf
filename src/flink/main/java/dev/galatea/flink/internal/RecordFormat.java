package dev.galatea.flink.internal;

import dev.galatea.engine.avatar.AvatarSnapshot;
import dev.galatea.engine.avatar.InboxCursor;
import dev.galatea.engine.avatar.WireCodec;
import dev.galatea.engine.latent.Avatar;
import dev.galatea.engine.latent.Codec;
import dev.galatea.engine.latent.Draft;
import dev.galatea.records.request.Message;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.Accepted;
import dev.galatea.records.result.AvatarViews;
import dev.galatea.records.result.Forgotten;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import dev.galatea.records.wire.Wire;
import java.io.IOException;
import java.util.List;

/**
 * The formats of all records that travel in streams or lie in state. Requests, renders and rejects
 * are Avro single objects, whose fingerprint names the writer's schema; the others carry a version.
 * Names are stored in savepoints and never change.
 */
public final class RecordFormat<T> {
  public static final RecordFormat<Request> REQUEST =
      new RecordFormat<>("request", Request.class, WireCodec.REQUEST);
  public static final RecordFormat<Message> MESSAGE =
      new RecordFormat<>("message", Message.class, WireCodec.MESSAGE);
  public static final RecordFormat<Render> RENDER =
      new RecordFormat<>("render", Render.class, new WireCodec<>(Wire::encode, Wire::decodeRender));
  public static final RecordFormat<Reject> REJECT =
      new RecordFormat<>("reject", Reject.class, new WireCodec<>(Wire::encode, Wire::decodeReject));
  public static final RecordFormat<LatestAvatar> LATEST =
      new RecordFormat<>("latest", LatestAvatar.class, new LatestCodec());
  public static final RecordFormat<Accepted> ACCEPTED =
      new RecordFormat<>(
          "accepted", Accepted.class, new WireCodec<>(Wire::encode, Wire::decodeAccepted));
  public static final RecordFormat<Forgotten> FORGOTTEN =
      new RecordFormat<>(
          "forgotten", Forgotten.class, new WireCodec<>(Wire::encode, Wire::decodeForgotten));
  public static final RecordFormat<AvatarViews> VIEWS =
      new RecordFormat<>(
          "views", AvatarViews.class, new WireCodec<>(Wire::encode, Wire::decodeViews));
  static final RecordFormat<Avatar> AVATAR =
      new RecordFormat<>("avatar", Avatar.class, Avatar.CODEC);
  static final RecordFormat<AvatarSnapshot> SNAPSHOT =
      new RecordFormat<>("snapshot", AvatarSnapshot.class, AvatarSnapshot.CODEC);
  static final RecordFormat<Draft> DRAFT = new RecordFormat<>("draft", Draft.class, Draft.CODEC);
  static final RecordFormat<InboxCursor> PROGRESS =
      new RecordFormat<>("progress", InboxCursor.class, InboxCursor.CODEC);

  private static final List<RecordFormat<?>> ALL =
      List.of(
          REQUEST, MESSAGE, RENDER, REJECT, LATEST, ACCEPTED, FORGOTTEN, VIEWS, AVATAR, SNAPSHOT,
          DRAFT, PROGRESS);

  private final String name;
  private final Class<T> type;
  private final Codec<T> codec;

  private RecordFormat(String name, Class<T> type, Codec<T> codec) {
    this.name = name;
    this.type = type;
    this.codec = codec;
  }

  /**
   * The format of that name.
   *
   * @throws IOException if there is none, as in a savepoint of a newer release
   */
  public static RecordFormat<?> named(String name) throws IOException {
    for (RecordFormat<?> format : ALL) {
      if (format.name.equals(name)) {
        return format;
      }
    }
    throw new IOException("state holds records of format '" + name + "', which is not known here");
  }

  public String name() {
    return name;
  }

  public Class<T> type() {
    return type;
  }

  public Codec<T> codec() {
    return codec;
  }
}
