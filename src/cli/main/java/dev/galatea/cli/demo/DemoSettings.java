package dev.galatea.cli.demo;

import dev.galatea.studio.StudioSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.flink.configuration.Configuration;

/**
 * Settings of a demo; see the options of {@link DemoCommand}.
 *
 * @param pack directory of the networks
 * @param requests request lines; empty for the sample set
 * @param photos photographs to send before the request lines, each as an identity of its own
 * @param out where pictures go
 * @param once whether to stop when all is done
 * @param views yaw of each picture, in radians
 * @param steps of a request without a number of its own; empty for the pack's
 * @param port of Kafka on 127.0.0.1; 0 for a free one
 * @param parallelism subtasks of each operator
 * @param maxRequests most request lines, and most answers remembered
 * @param stall how long the demo waits for an answer while requests are under way
 * @param studio the live page beside the demo; empty for none
 * @param openStudio whether a browser shows the page
 * @param exports whether a turntable and a mesh of each avatar are left at the end
 * @param options of Galatea and Flink that go before the defaults
 */
record DemoSettings(
    Path pack,
    Optional<Path> requests,
    List<Path> photos,
    Path out,
    boolean once,
    List<Double> views,
    Optional<Integer> steps,
    int port,
    int parallelism,
    int maxRequests,
    Duration stall,
    Optional<StudioSettings> studio,
    boolean openStudio,
    boolean exports,
    Configuration options) {}
