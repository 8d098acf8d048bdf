package dev.galatea.engine.pack;

import dev.galatea.engine.guidance.GuidanceKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Writes the tables of {@code docs/pack.md} from the enums that are the contract. */
final class PackPage {
  private static final String BEGIN = "<!-- generated: %s -->\n";
  private static final String END = "<!-- end -->\n";

  private PackPage() {}

  /** The page with its tables written anew. */
  static String regenerated(String page) {
    return replaced(replaced(page, "networks", networks()), "guidances", guidances());
  }

  private static String replaced(String page, String table, String content) {
    String marker = BEGIN.formatted(table);
    int begin = page.indexOf(marker);
    int end = page.indexOf(END, begin);
    if (begin < 0 || end < 0) {
      throw new IllegalArgumentException("the page has no place for the table of " + table);
    }
    return page.substring(0, begin + marker.length()) + content + page.substring(end);
  }

  private static String networks() {
    return "| key in `networks` | inputs → output | gradient | needed |\n|---|---|---|---|\n"
        + Arrays.stream(Network.values()).map(PackPage::row).collect(Collectors.joining());
  }

  private static String row(Network network) {
    String inputs =
        network.inputs().stream().map(TensorKind::documentation).collect(Collectors.joining(", "));
    String remark = network.remark().isEmpty() ? "" : "; " + network.remark();
    return "| `%s` | %s → %s%s | %s | %s |\n"
        .formatted(
            network.key(),
            inputs,
            network.output().documentation(),
            remark,
            network.isDifferentiated() ? "yes" : "no",
            needed(network));
  }

  private static String needed(Network network) {
    if (network.presence().always()) {
      return "always";
    }
    List<String> needed = new ArrayList<>();
    String guidances =
        Arrays.stream(GuidanceKind.values())
            .filter(kind -> kind.networks().contains(network))
            .map(kind -> "`" + kind.key() + "`")
            .collect(Collectors.joining(", "));
    needed.add(guidances.isEmpty() ? "optional" : "for " + guidances);
    network.presence().section().ifPresent(to -> needed.add("section `" + to.key() + "`"));
    network.presence().network().ifPresent(to -> needed.add("network `" + to.key() + "`"));
    return String.join("; with the ", needed);
  }

  private static String guidances() {
    return "| key in `weights` | score in renders | view | pulls towards | networks |\n"
        + "|---|---|---|---|---|\n"
        + Arrays.stream(GuidanceKind.values()).map(PackPage::row).collect(Collectors.joining());
  }

  private static String row(GuidanceKind kind) {
    String networks =
        kind.networks().stream()
            .map(network -> "`" + network.key() + "`")
            .collect(Collectors.joining(", "));
    return "| `%s` | `%s` | %s | %s | %s |\n"
        .formatted(
            kind.key(),
            kind.label(),
            kind.view().map(view -> view.key()).orElse("none"),
            kind.aim().documentation(),
            networks.isEmpty() ? "none" : networks);
  }
}
