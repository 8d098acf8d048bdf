package dev.galatea.studio.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;

/** The files of the page, all of them named here, read once. */
final class Assets {
  private static final String FOLDER = "/dev/galatea/studio/page/";
  private static final String SCRIPT = "text/javascript; charset=utf-8";

  private static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("index.html", "text/html; charset=utf-8"),
          Map.entry("studio.css", "text/css; charset=utf-8"),
          Map.entry("app.js", SCRIPT),
          Map.entry("api.js", SCRIPT),
          Map.entry("composer.js", SCRIPT),
          Map.entry("dom.js", SCRIPT),
          Map.entry("light.js", SCRIPT),
          Map.entry("machine.js", SCRIPT),
          Map.entry("person.js", SCRIPT),
          Map.entry("store.js", SCRIPT),
          Map.entry("turntable.js", SCRIPT),
          Map.entry("wall.js", SCRIPT),
          Map.entry("icon.svg", "image/svg+xml"),
          Map.entry("openapi.json", "application/json"));

  private final Map<String, Asset> files = new TreeMap<>();

  /** One file and what it is. */
  record Asset(String type, byte[] bytes) {}

  Assets() {
    TYPES.forEach((name, type) -> files.put(name, new Asset(type, read(name))));
  }

  Map<String, Asset> all() {
    return files;
  }

  Asset get(String name) {
    return files.get(name);
  }

  private static byte[] read(String name) {
    try (InputStream file = Assets.class.getResourceAsStream(FOLDER + name)) {
      return file.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("the page's " + name + " cannot be read", e);
    }
  }
}
