package example;

import dev.galatea.flink.Galatea;
import dev.galatea.records.Header;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Request;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.streaming.api.datastream.DataStream;

/** A job of one's own: orders of a shop become avatars. */
public final class PortraitJob {
  private PortraitJob() {}

  /**
   * Adds the job's operators.
   *
   * @param orders "customer number wish", such as "ada 1 red hair"
   */
  public static Galatea.Avatars build(DataStream<String> orders, Galatea galatea) {
    DataStream<Request> requests = orders.map(new OrderToRequest()).uid("orders");
    return galatea.refine(requests);
  }

  private static final class OrderToRequest implements MapFunction<String, Request> {
    private static final long serialVersionUID = 1;

    @Override
    public Request map(String order) {
      String[] words = order.split(" ", 3);
      return new Prompt(Header.of(words[0], words[1]), words[2], "", 1);
    }
  }
}
