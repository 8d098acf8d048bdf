package dev.galatea.engine.avatar;

import dev.galatea.engine.latent.Avatar;
import dev.galatea.engine.latent.Codec;
import dev.galatea.engine.refine.Intent;
import dev.galatea.engine.refine.LatentSpace;
import dev.galatea.records.Header;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.LatestAvatar;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * All that later requests of an identity build on, as {@code IdentityState} keeps it between two of
 * them. Its stored form, {@link #CODEC}, holds the same records as a job's state does.
 *
 * @param avatar the latent after the last completed request; empty before the first
 * @param requests the last completed request of each kind, a face as a decoded picture
 */
public record AvatarSnapshot(Optional<Avatar> avatar, Map<Request.Kind, Request> requests) {

  /** An identity of which nothing is known yet. */
  public static final AvatarSnapshot NONE = new AvatarSnapshot(Optional.empty(), Map.of());

  /** Snapshots of an identity that has an avatar. */
  public static final Codec<AvatarSnapshot> CODEC = new SnapshotCodec();

  public AvatarSnapshot {
    requests = Map.copyOf(requests);
  }

  /** All that is asked of the avatar, by completed requests and by the one in hand. */
  Intent intent(Request head) {
    return intent().with(head);
  }

  /** All that is asked of the avatar by completed requests. */
  Intent intent() {
    Intent intent = Intent.NONE;
    for (Request request : requests.values()) {
      intent = intent.with(request);
    }
    return intent;
  }

  /**
   * The requests in force, in the order in which they make the avatar: the photo, then the prompt,
   * then the light. Requests that cleared a field are left out.
   */
  List<Request> inForce() {
    return Stream.of(Request.Kind.IMAGE, Request.Kind.PROMPT, Request.Kind.LIGHT)
        .map(requests::get)
        .filter(Objects::nonNull)
        .filter(
            request ->
                request.<Boolean, RuntimeException>match(
                    face -> true,
                    prompt -> !prompt.text().isBlank(),
                    edit -> edit.light().isPresent()))
        .toList();
  }

  /**
   * What may be published of the avatar, as on {@code avatar.latest}, without a picture.
   *
   * @param identity whose avatar it is
   * @param space that its latent lies in
   * @param updatedAt when its version was made
   * @throws java.util.NoSuchElementException if there is none
   */
  public LatestAvatar latest(String identity, LatentSpace space, Instant updatedAt) {
    String requestId =
        requests.values().stream()
            .map(Request::header)
            .max(Comparator.comparing(Header::occurredAt))
            .map(Header::requestId)
            .orElse("");
    return LatestAvatar.of(
        identity,
        new LatestMaker(Optional.of(space), Integer.MAX_VALUE)
            .known(intent(), avatar.orElseThrow(), requestId, Optional.empty(), updatedAt));
  }

  /** What a pack can go on from: without an avatar of another pack, pictures at its size. */
  AvatarSnapshot within(LatentSpace space) {
    Map<Request.Kind, Request> sized = new EnumMap<>(Request.Kind.class);
    requests.forEach((kind, request) -> sized.put(kind, space.sized(request)));
    return new AvatarSnapshot(avatar.filter(space::holds), sized);
  }

  /** After a request was completed. */
  AvatarSnapshot completed(Request head, Avatar reached) {
    Map<Request.Kind, Request> latest = new EnumMap<>(Request.Kind.class);
    latest.putAll(requests);
    latest.put(head.kind(), head);
    return new AvatarSnapshot(Optional.of(reached), latest);
  }

  private static final class SnapshotCodec implements Codec<AvatarSnapshot> {
    private static final int VERSION = 1;
    private static final byte[] MAGIC = {'G', 'L', 'T', 'A'};

    @Override
    public void write(AvatarSnapshot snapshot, DataOutput out) throws IOException {
      out.write(MAGIC);
      out.writeByte(VERSION);
      Avatar.CODEC.write(snapshot.avatar().orElseThrow(), out);
      out.writeByte(snapshot.requests().size());
      for (Request request : new TreeMap<>(snapshot.requests()).values()) {
        WireCodec.REQUEST.write(request, out);
      }
    }

    @Override
    public AvatarSnapshot read(DataInput in) throws IOException {
      byte[] magic = new byte[MAGIC.length];
      in.readFully(magic);
      if (!Arrays.equals(magic, MAGIC)) {
        throw new IOException("it does not begin as a snapshot of an avatar does");
      }
      Codec.readVersion(in, VERSION, "a snapshot");
      Avatar avatar = Avatar.CODEC.read(in);
      Map<Request.Kind, Request> requests = new EnumMap<>(Request.Kind.class);
      for (int left = in.readUnsignedByte(); left > 0; left--) {
        Request request = WireCodec.REQUEST.read(in);
        requests.put(request.kind(), request);
      }
      return new AvatarSnapshot(Optional.of(avatar), requests);
    }
  }
}
