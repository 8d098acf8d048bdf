package org.apache.flink.metrics.prometheus;

import io.prometheus.client.exporter.HTTPServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Iterator;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.util.NetUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Flink's reporter for Prometheus on one interface, the loopback unless told otherwise: Flink's own
 * listens on all. In Flink's package because the registry of metrics is not visible elsewhere.
 *
 * <p><b>Owns</b> the server, from {@link #open} to {@link #close}.
 */
public final class LocalPrometheusReporter extends AbstractPrometheusReporter {
  private static final Logger LOG = LoggerFactory.getLogger(LocalPrometheusReporter.class);
  private static final String LOOPBACK = "127.0.0.1";
  private static final String DEFAULT_PORTS = "9249";

  private HTTPServer server;

  /** Begins to listen. Options: {@code host}, and {@code port}, which may be a range. */
  @Override
  public void open(MetricConfig config) {
    super.open(config);
    String host = config.getString("host", LOOPBACK);
    String ports = config.getString("port", DEFAULT_PORTS);
    Iterator<Integer> candidates = NetUtils.getPortRangeFromString(ports);
    while (server == null && candidates.hasNext()) {
      server = listening(new InetSocketAddress(host, candidates.next()));
    }
    if (server == null) {
      throw new IllegalArgumentException(
          "metrics for Prometheus: no port of %s is free at %s; set metrics.reporter.prom.port to another, or to a range such as 9250-9260"
              .formatted(ports, host));
    }
  }

  private HTTPServer listening(InetSocketAddress address) {
    try {
      HTTPServer begun = new HTTPServer(address, registry);
      LOG.info("Prometheus may read metrics from {}", address);
      return begun;
    } catch (IOException taken) {
      LOG.debug("Port {} is taken", address.getPort(), taken);
      return null;
    }
  }

  @Override
  public void close() {
    if (server != null) {
      server.stop();
    }
    super.close();
  }
}
