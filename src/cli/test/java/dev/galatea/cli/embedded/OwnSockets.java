package dev.galatea.cli.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The sockets of this process at which others can knock, as Linux tells them. */
public final class OwnSockets {
  /** {@code proc(5)}: what listens, of TCP; what is bound and not connected, of UDP. */
  private static final Map<String, String> OPEN_STATES =
      Map.of("tcp", "0A", "tcp6", "0A", "udp", "07", "udp6", "07");

  private static final Pattern SOCKET = Pattern.compile("socket:\\[(\\d+)]");
  private static final int LOCAL = 1;
  private static final int STATE = 3;
  private static final int INODE = 9;

  private OwnSockets() {}

  /** Whether this system tells them. */
  public static boolean areTold() {
    return Files.isReadable(Path.of("/proc/self/net/tcp"));
  }

  /** Where this process can be reached, by TCP or UDP. */
  public static List<InetSocketAddress> open() throws IOException {
    Set<String> own = inodes();
    List<InetSocketAddress> open = new ArrayList<>();
    for (Map.Entry<String, String> table : OPEN_STATES.entrySet()) {
      Path file = Path.of("/proc/self/net", table.getKey());
      if (Files.isReadable(file)) {
        Files.readAllLines(file).stream()
            .skip(1)
            .map(line -> line.strip().split("\\s+"))
            .filter(row -> row[STATE].equals(table.getValue()) && own.contains(row[INODE]))
            .forEach(row -> open.add(address(row[LOCAL])));
      }
    }
    return open;
  }

  private static Set<String> inodes() throws IOException {
    Set<String> inodes = new HashSet<>();
    try (Stream<Path> handles = Files.list(Path.of("/proc/self/fd"))) {
      for (Path handle : (Iterable<Path>) handles::iterator) {
        Matcher socket = SOCKET.matcher(target(handle));
        if (socket.matches()) {
          inodes.add(socket.group(1));
        }
      }
    }
    return inodes;
  }

  private static String target(Path handle) throws IOException {
    try {
      return Files.readSymbolicLink(handle).toString();
    } catch (NoSuchFileException closedMeanwhile) {
      return "";
    }
  }

  /** {@code 0100007F:1F90}: words of four bytes in the machine's order, and a port. */
  private static InetSocketAddress address(String text) {
    String[] parts = text.split(":");
    ByteBuffer words = ByteBuffer.wrap(HexFormat.of().parseHex(parts[0]));
    ByteBuffer address = ByteBuffer.allocate(words.capacity()).order(ByteOrder.nativeOrder());
    while (words.hasRemaining()) {
      address.putInt(words.getInt());
    }
    try {
      return new InetSocketAddress(
          InetAddress.getByAddress(address.array()), Integer.parseInt(parts[1], 16));
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(text + " is no address", e);
    }
  }
}
