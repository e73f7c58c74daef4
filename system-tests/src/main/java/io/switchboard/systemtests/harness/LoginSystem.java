package io.switchboard.systemtests.harness;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import io.switchboard.schemas.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/// A login system that signs with ES256 and shows its public keys at a URL, as a JWKS (RFC 7517).
///
/// Thread-safe.
public final class LoginSystem implements AutoCloseable {
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
    private static final int COORDINATE_BYTES = 32;
    private static final Duration TOKEN_LIFE = Duration.ofHours(1);

    private final HttpServer server;
    private volatile byte[] shown = new byte[0];

    /// One of its keys.
    public record Key(String id, KeyPair pair) {}

    public LoginSystem() {
        try {
            var here = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            server = HttpServer.create(here, 0);
        } catch (IOException e) {
            throw new UncheckedIOException("no server", e);
        }
        server.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        exchange.sendResponseHeaders(200, shown.length);
                        exchange.getResponseBody().write(shown);
                    }
                });
        server.start();
    }

    public String url() {
        return "http://127.0.0.1:%d/jwks.json".formatted(server.getAddress().getPort());
    }

    public static Key newKey(String id) {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return new Key(id, generator.generateKeyPair());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has P-256", e);
        }
    }

    /// These are its keys now.
    public void show(Key... keys) {
        var root = Json.object();
        var list = root.putArray("keys");
        Arrays.stream(keys).map(LoginSystem::jwk).forEach(list::add);
        shown = Json.bytes(root);
    }

    private static ObjectNode jwk(Key key) {
        var point = ((ECPublicKey) key.pair().getPublic()).getW();
        return Json.object()
                .put("kty", "EC")
                .put("crv", "P-256")
                .put("kid", key.id())
                .put("x", coordinate(point.getAffineX()))
                .put("y", coordinate(point.getAffineY()));
    }

    private static String coordinate(BigInteger number) {
        var bytes = number.toByteArray();
        var padded = new byte[COORDINATE_BYTES];
        int length = Math.min(bytes.length, COORDINATE_BYTES);
        System.arraycopy(bytes, bytes.length - length, padded, COORDINATE_BYTES - length, length);
        return BASE64.encodeToString(padded);
    }

    public static String token(Key key, String app, String uuid) {
        var header = Json.object().put("alg", "ES256").put("typ", "JWT").put("kid", key.id());
        var claims =
                Json.object()
                        .put("sub", uuid)
                        .put("app", app)
                        .put("exp", Instant.now().plus(TOKEN_LIFE).getEpochSecond());
        var signed = String.join(".", List.of(encoded(header), encoded(claims)));
        try {
            var signature = Signature.getInstance("SHA256withECDSAinP1363Format");
            signature.initSign(key.pair().getPrivate());
            signature.update(signed.getBytes(UTF_8));
            return signed + "." + BASE64.encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has ES256", e);
        }
    }

    private static String encoded(ObjectNode json) {
        return BASE64.encodeToString(Json.bytes(json));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
