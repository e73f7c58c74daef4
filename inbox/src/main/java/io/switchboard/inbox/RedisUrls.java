package io.switchboard.inbox;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.redisson.client.codec.ByteArrayCodec;
import org.redisson.config.BaseConfig;
import org.redisson.config.Config;
import org.redisson.config.ReadMode;
import org.redisson.config.SubscriptionMode;

/// Where Redis is: one server by one URL, a cluster by several of its nodes.
/// `redis[s]://[user:password@]host:port[?ca=FILE]`; the file holds the authorities' certificates
/// in PEM, where the JVM's own do not know the server's.
///
/// Immutable.
///
/// @param timeout of a call, and of a connection's first answer
record RedisUrls(List<URI> urls, Duration timeout) {
    private static final String CA = "ca=";

    /// A call takes 2 ms; what takes a thousand times longer is away.
    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    /// Few connections are the fast ones: replies come in larger packets.
    private static final int CONNECTIONS = 6;

    private static final int MIN_CONNECTIONS = 2;

    /// @throws IllegalArgumentException naming the URL and the expected form
    static RedisUrls of(List<String> texts) {
        if (texts.isEmpty()) {
            throw new IllegalArgumentException("redis: no URL (expected: redis://host:port)");
        }
        return new RedisUrls(texts.stream().map(RedisUrls::parse).toList(), TIMEOUT);
    }

    private static URI parse(String text) {
        try {
            var url = new URI(text);
            var scheme = url.getScheme();
            if (url.getHost() != null
                    && url.getPort() > 0
                    && ("redis".equals(scheme) || "rediss".equals(scheme))
                    && (url.getQuery() == null
                            || ("rediss".equals(scheme) && url.getQuery().startsWith(CA)))) {
                return url;
            }
        } catch (URISyntaxException e) {
            throw malformed(text, e);
        }
        throw malformed(text, null);
    }

    /// Without what stands before `@`: it may be a password.
    private static IllegalArgumentException malformed(String text, @Nullable Exception cause) {
        var shown = text.substring(text.indexOf('@') + 1);
        return new IllegalArgumentException(
                "redis: '%s' (expected: redis[s]://[user:password@]host:port)".formatted(shown),
                cause);
    }

    boolean cluster() {
        return urls.size() > 1;
    }

    Config config() {
        var config = new Config();
        logIn(config);
        trust(config);
        config.setCodec(ByteArrayCodec.INSTANCE)
                .setThreads(2)
                .setNettyThreads(1) // RedisPipeline's turn
                .setTcpNoDelay(true);
        if (cluster()) {
            var servers = config.useClusterServers();
            urls.forEach(each -> servers.addNodeAddress(address(each)));
            servers.setReadMode(ReadMode.MASTER)
                    .setSubscriptionMode(SubscriptionMode.MASTER)
                    .setMasterConnectionPoolSize(CONNECTIONS)
                    .setMasterConnectionMinimumIdleSize(MIN_CONNECTIONS)
                    .setScanInterval(1_000)
                    .setDnsMonitoringInterval(-1);
            common(servers);
        } else {
            common(
                    config.useSingleServer()
                            .setAddress(address(urls.getFirst()))
                            .setConnectionPoolSize(CONNECTIONS)
                            .setConnectionMinimumIdleSize(MIN_CONNECTIONS)
                            .setSubscriptionConnectionPoolSize(1)
                            .setSubscriptionConnectionMinimumIdleSize(0)
                            .setDnsMonitoringInterval(-1));
        }
        return config;
    }

    private void logIn(Config config) {
        var login = urls.getFirst().getUserInfo();
        if (login == null) {
            return;
        }
        var colon = login.indexOf(':');
        if (colon > 0) {
            config.setUsername(login.substring(0, colon));
        }
        config.setPassword(login.substring(colon + 1));
    }

    /// The first URL's says it for all.
    private void trust(Config config) {
        var query = urls.getFirst().getQuery();
        if (query == null) {
            return;
        }
        var file = Path.of(query.substring(CA.length()));
        try (var in = Files.newInputStream(file)) {
            var store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (var each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("ca-" + store.size(), each);
            }
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            config.setSslTrustManagerFactory(trust);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "redis: ca=%s (expected: a file of certificates in PEM)".formatted(file), e);
        }
    }

    private void common(BaseConfig<?> servers) {
        int millis = Math.toIntExact(timeout.toMillis());
        servers.setTimeout(millis)
                .setConnectTimeout(millis)
                .setRetryAttempts(0)
                .setPingConnectionInterval(5_000);
    }

    private static String address(URI url) {
        return "%s://%s:%d".formatted(url.getScheme(), url.getHost(), url.getPort());
    }

    /// For people: without passwords.
    @Override
    public String toString() {
        return String.join(",", urls.stream().map(RedisUrls::address).toList());
    }
}
