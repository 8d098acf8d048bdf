package dev.galatea.kafka.internal.format;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** Makes HTTP clients that trust, and show, what the registry's properties name. */
final class RegistryTls {
  private static final String TRUST = "ssl.truststore";
  private static final String KEYS = "ssl.keystore";

  private RegistryTls() {}

  /**
   * A client.
   *
   * @throws IOException if a store cannot be read
   */
  static HttpClient client(RegistrySettings settings) throws IOException {
    HttpClient.Builder client =
        HttpClient.newBuilder()
            // Some servers stumble over the offer of the next version.
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(settings.timeout());
    Map<String, String> properties = settings.client();
    if (properties.containsKey(TRUST + ".location") || properties.containsKey(KEYS + ".location")) {
      client.sslContext(context(properties));
    }
    return client.build();
  }

  static SSLContext context(Map<String, String> properties) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys(properties), trust(properties), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new RegistryException("the stores of TLS keys cannot be used", false, e);
    }
  }

  /** Null, which is the JVM's own, where no store is named. */
  private static TrustManager[] trust(Map<String, String> properties)
      throws IOException, GeneralSecurityException {
    Optional<KeyStore> store = store(properties, TRUST);
    if (store.isEmpty()) {
      return null;
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store.get());
    return factory.getTrustManagers();
  }

  /** Null, which is none, where no store is named. */
  private static KeyManager[] keys(Map<String, String> properties)
      throws IOException, GeneralSecurityException {
    Optional<KeyStore> store = store(properties, KEYS);
    if (store.isEmpty()) {
      return null;
    }
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store.get(), password(properties, KEYS));
    return factory.getKeyManagers();
  }

  private static Optional<KeyStore> store(Map<String, String> properties, String name)
      throws IOException, GeneralSecurityException {
    String location = properties.get(name + ".location");
    if (location == null) {
      return Optional.empty();
    }
    String type = properties.getOrDefault(name + ".type", KeyStore.getDefaultType());
    KeyStore store = KeyStore.getInstance(type);
    try (InputStream file = Files.newInputStream(Path.of(location))) {
      store.load(file, password(properties, name));
    } catch (IOException e) {
      throw new RegistryException(
          "%s.location: the store %s cannot be read".formatted(name, location), false, e);
    }
    return Optional.of(store);
  }

  private static char[] password(Map<String, String> properties, String name) {
    String password = properties.get(name + ".password");
    return password == null ? null : password.toCharArray();
  }
}
