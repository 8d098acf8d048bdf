package dev.galatea.cli.studio;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Opens pages in the user's browser. */
final class Browser {
  private Browser() {}

  /** Opens a page; if that cannot be, says why. */
  static Optional<String> open(URI page) {
    List<String> command = command(page.toString());
    try {
      new ProcessBuilder(command)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start();
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(
          "No browser could be opened: there is no program %s".formatted(command.get(0)));
    }
  }

  private static List<String> command(String page) {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    if (system.contains("mac")) {
      return List.of("open", page);
    }
    return system.contains("win")
        ? List.of("rundll32", "url.dll,FileProtocolHandler", page)
        : List.of("xdg-open", page);
  }
}
