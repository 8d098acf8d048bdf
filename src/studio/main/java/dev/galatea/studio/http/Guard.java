package dev.galatea.studio.http;

import io.javalin.http.Context;
import io.javalin.http.Cookie;
import io.javalin.http.ForbiddenResponse;
import io.javalin.http.HandlerType;
import io.javalin.http.SameSite;
import io.javalin.http.UnauthorizedResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Decides who is let in, and tells browsers what the page may do.
 *
 * <p>Without a token only names of this machine are answered, so that no other site can make its
 * own name point here (DNS rebinding). With a token whoever knows it is let in: a browser gets it
 * as a cookie, which belongs to this name alone. No other site may read anything (there is no
 * CORS), nor write: a request that a browser makes for another origin is refused.
 */
final class Guard {
  static final String COOKIE = "galatea-studio";

  private static final Set<String> OWN_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");
  private static final String BEARER = "Bearer ";

  /** Nothing inline, nothing from elsewhere; a text can never become a script. */
  private static final Map<String, String> HEADERS =
      Map.of(
          "Content-Security-Policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:;"
              + " connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none';"
              + " frame-ancestors 'none'; require-trusted-types-for 'script'",
          "X-Content-Type-Options",
          "nosniff",
          "X-Frame-Options",
          "DENY",
          "Referrer-Policy",
          "no-referrer",
          "Cross-Origin-Resource-Policy",
          "same-origin",
          "Cross-Origin-Opener-Policy",
          "same-origin",
          "Permissions-Policy",
          "camera=(), microphone=(), geolocation=()",
          "Cache-Control",
          "no-store");

  private final Optional<String> token;
  private final boolean readOnly;

  Guard(Optional<String> token, boolean readOnly) {
    this.token = token;
    this.readOnly = readOnly;
  }

  /** Lets a request pass or ends it with the reason. */
  void check(Context request) {
    HEADERS.forEach(request::header);
    if (token.isEmpty() && !OWN_NAMES.contains(hostName(request))) {
      throw new ForbiddenResponse(
          "this studio answers to localhost and 127.0.0.1 alone; --studio-host and --studio-token"
              + " open it to others");
    }
    if (isForeign(request)) {
      throw new ForbiddenResponse("another site's page may not use this studio");
    }
    if (token.isPresent()) {
      checkToken(request, token.get());
    }
    if (readOnly && request.method() != HandlerType.GET && request.method() != HandlerType.HEAD) {
      throw new ForbiddenResponse("this studio is read-only: it was started with --read-only");
    }
  }

  private static String hostName(Context request) {
    String host = Optional.ofNullable(request.header("Host")).orElse("");
    return host.replaceFirst(":\\d+$", "").toLowerCase(Locale.ROOT);
  }

  /** As browsers tell it; other clients tell nothing, and no page can make them do anything. */
  private static boolean isForeign(Context request) {
    String origin = request.header("Origin");
    if (origin != null && !origin.equals(request.scheme() + "://" + request.header("Host"))) {
      return true;
    }
    String site = request.header("Sec-Fetch-Site");
    boolean navigates = "navigate".equals(request.header("Sec-Fetch-Mode"));
    boolean within = site == null || site.equals("same-origin") || site.equals("none");
    return !within && !(navigates && request.method() == HandlerType.GET);
  }

  private static void checkToken(Context request, String token) {
    String query = request.path().equals("/") ? request.queryParam("token") : null;
    if (query != null && isSame(query, token)) {
      Cookie cookie = new Cookie(COOKIE, cookieValue(token));
      cookie.setHttpOnly(true);
      cookie.setSameSite(SameSite.STRICT);
      request.cookie(cookie);
      return;
    }
    String header = Optional.ofNullable(request.header("Authorization")).orElse("");
    String cookie = Optional.ofNullable(request.cookie(COOKIE)).orElse("");
    boolean known =
        header.startsWith(BEARER)
            ? isSame(header.substring(BEARER.length()), token)
            : isSame(cookie, cookieValue(token));
    if (!known) {
      throw new UnauthorizedResponse(
          "this studio asks for its token: open the address that was printed at its start, or send"
              + " the header Authorization: Bearer TOKEN");
    }
  }

  /** A cookie takes few characters; a token may have any. */
  private static String cookieValue(String token) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(token.getBytes(StandardCharsets.UTF_8));
  }

  /** In a time that does not tell how much of it is right. */
  private static boolean isSame(String given, String token) {
    return MessageDigest.isEqual(
        given.getBytes(StandardCharsets.UTF_8), token.getBytes(StandardCharsets.UTF_8));
  }
}
