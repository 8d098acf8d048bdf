package dev.galatea.engine.lane;

import dev.galatea.engine.latent.Latent;
import dev.galatea.records.Camera;
import java.util.List;
import java.util.function.Consumer;

/**
 * A latent that somebody wants to see as it is, on its way to a device. One of the two takers is
 * called, on a thread of the lane, exactly once unless the client has left.
 *
 * @param client whose row it is; rows of a client that left are dropped
 * @param latent what to draw
 * @param cameras where from; none for the configured views
 * @param seen takes the encoded pictures, one for each camera or view
 * @param failed takes why there are none
 */
public record LookRow(
    Object client,
    Latent latent,
    List<Camera> cameras,
    Consumer<List<byte[]>> seen,
    Consumer<LaneResult> failed) {}
