package io.switchboard.runtime;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A server's certificate and key, read again when the files have changed: whoever shakes hands
/// after that gets the new certificate, and who is connected stays.
///
/// A pair that does not fit (one of two files is written first) is logged once, and the last good
/// one stays.
///
/// Thread-safe.
public final class TlsFiles implements AutoCloseable {
    /// TLS 1.0 and 1.1 are RFC 8996's.
    private static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

    private static final Logger LOG = LoggerFactory.getLogger(TlsFiles.class);
    private static final Pattern KEY =
            Pattern.compile(
                    "-----BEGIN PRIVATE KEY-----\\s*([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    static {
        // A client that asks for a new handshake again and again costs us far more than itself.
        System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
    }

    private final Path certFile;
    private final Path keyFile;
    private final SSLContext context;
    private final FileWatch watch = new FileWatch("The certificate", this::look);
    private volatile Pair good;

    private TlsFiles(Path certFile, Path keyFile) {
        this.certFile = certFile;
        this.keyFile = keyFile;
        this.good = read(0);
        try {
            context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {new Keys()}, null, null);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has TLS", e);
        }
    }

    /// @throws Unusable naming the file and what was expected
    public static TlsFiles open(Path cert, Path key) {
        var files = new TlsFiles(cert, key);
        files.watch.start();
        return files;
    }

    public SSLContext context() {
        return context;
    }

    public static List<String> protocols() {
        return PROTOCOLS;
    }

    /// For one connection of a server.
    public SSLEngine engine() {
        var engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        engine.setEnabledProtocols(PROTOCOLS.toArray(new String[0]));
        return engine;
    }

    @Override
    public void close() {
        watch.close();
    }

    /// One look at the files.
    void check() {
        watch.check();
    }

    private void look() {
        if (good.isOf(bytes(certFile, "--tls-cert"), bytes(keyFile, "--tls-key"))) {
            return;
        }
        good = read(good.number + 1);
        LOG.atInfo()
                .addKeyValue("until", good.chain[0].getNotAfter().toInstant())
                .log("The certificate was read again");
    }

    /// @param number tells one pair from the next: a handshake asks for its parts one by one
    private record Pair(
            int number,
            byte[] certBytes,
            byte[] keyBytes,
            X509Certificate[] chain,
            PrivateKey key) {
        boolean isOf(byte[] certNow, byte[] keyNow) {
            return Arrays.equals(certBytes, certNow) && Arrays.equals(keyBytes, keyNow);
        }

        String alias() {
            return Integer.toString(number);
        }
    }

    private Pair read(int number) {
        var certBytes = bytes(certFile, "--tls-cert");
        var keyBytes = bytes(keyFile, "--tls-key");
        var chain = chain(certBytes);
        var key = key(keyBytes, chain[0].getPublicKey().getAlgorithm());
        if (!fits(key, chain[0])) {
            throw new Unusable(
                    "--tls-key: '%s' is not the key of '%s' (expected: the key of its first certificate)"
                            .formatted(keyFile, certFile));
        }
        return new Pair(number, certBytes, keyBytes, chain, key);
    }

    private static byte[] bytes(Path file, String flag) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException _) {
            throw new Unusable(
                    "%s: '%s' cannot be read (expected: a PEM file)".formatted(flag, file));
        }
    }

    private X509Certificate[] chain(byte[] pem) {
        try {
            var found =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new java.io.ByteArrayInputStream(pem));
            if (!found.isEmpty()) {
                return found.toArray(new X509Certificate[0]);
            }
        } catch (CertificateException _) {
            // said below
        }
        throw new Unusable(
                "--tls-cert: '%s' (expected: certificates in PEM, the server's own first)"
                        .formatted(certFile));
    }

    private PrivateKey key(byte[] pem, String algorithm) {
        var found = KEY.matcher(new String(pem, java.nio.charset.StandardCharsets.US_ASCII));
        try {
            if (found.find()) {
                var encoded = Base64.getMimeDecoder().decode(found.group(1));
                return KeyFactory.getInstance(algorithm)
                        .generatePrivate(new PKCS8EncodedKeySpec(encoded));
            }
        } catch (GeneralSecurityException | IllegalArgumentException _) {
            // said below
        }
        throw new Unusable(
                "--tls-key: '%s' (expected: an unencrypted %s key in PEM, as of `openssl pkcs8 -topk8 -nocrypt`)"
                        .formatted(keyFile, algorithm));
    }

    private static boolean fits(PrivateKey key, X509Certificate certificate) {
        var name =
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> key.getAlgorithm();
                };
        try {
            var signature = Signature.getInstance(name);
            var probe = new byte[] {1};
            signature.initSign(key);
            signature.update(probe);
            var signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(probe);
            return signature.verify(signed);
        } catch (GeneralSecurityException _) {
            return false;
        }
    }

    /// The pair of now, also for a context that was made with another one.
    private final class Keys extends X509ExtendedKeyManager {
        /// The one before is still asked for by handshakes that are under way.
        private volatile @Nullable Pair before;

        private volatile Pair last = good;

        private synchronized Pair now() {
            var now = good;
            if (now.number != last.number) {
                before = last;
                last = now;
            }
            return now;
        }

        private @Nullable Pair of(@Nullable String alias) {
            var now = now();
            var old = before;
            if (now.alias().equals(alias)) {
                return now;
            }
            return old != null && old.alias().equals(alias) ? old : null;
        }

        private @Nullable String alias(@Nullable String keyType) {
            var now = now();
            var algorithm = now.key.getAlgorithm();
            boolean fits =
                    algorithm.equals(keyType)
                            || ("EdDSA".equals(keyType) && algorithm.startsWith("Ed"));
            return fits ? now.alias() : null;
        }

        @Override
        public @Nullable String chooseEngineServerAlias(
                String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
            return alias(keyType);
        }

        @Override
        public @Nullable String chooseServerAlias(
                String keyType, Principal @Nullable [] issuers, Socket socket) {
            return alias(keyType);
        }

        @Override
        public X509Certificate @Nullable [] getCertificateChain(@Nullable String alias) {
            var pair = of(alias);
            return pair == null ? null : pair.chain.clone();
        }

        @Override
        public @Nullable PrivateKey getPrivateKey(@Nullable String alias) {
            var pair = of(alias);
            return pair == null ? null : pair.key;
        }

        @Override
        public String @Nullable [] getServerAliases(
                String keyType, Principal @Nullable [] issuers) {
            var alias = alias(keyType);
            return alias == null ? null : new String[] {alias};
        }

        @Override
        public String @Nullable [] getClientAliases(
                String keyType, Principal @Nullable [] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseClientAlias(
                String[] keyTypes, Principal @Nullable [] issuers, Socket socket) {
            return null;
        }
    }
}
