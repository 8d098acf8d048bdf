package dev.galatea.records.result;

import dev.galatea.records.PackId;
import dev.galatea.records.request.Look;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The answer to a {@link Look}.
 *
 * @param identity whose avatar
 * @param requestId of the look
 * @param version of the avatar that the pictures show; 0 if there was none, and no picture
 * @param pack that drew the pictures; empty where the refiner has none
 * @param views a picture for each camera, in their order
 * @param requestedAt when the producer made the look
 * @param renderedAt when the pictures were made
 */
public record AvatarViews(
    String identity,
    String requestId,
    long version,
    Optional<PackId> pack,
    List<Render.View> views,
    Instant requestedAt,
    Instant renderedAt) {}
