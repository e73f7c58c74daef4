package io.switchboard.runtime;

import io.switchboard.schemas.ReceiptLevel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The apps file as it stands: who may produce and connect, and what each `url` means.
///
/// Immutable.
public final class Apps {
    private final Map<String, App> apps;
    private final Map<String, Route> routes;
    private final Map<String, App> byToken;

    /// @param apps by name
    /// @param routes by `url`
    public Apps(Map<String, App> apps, Map<String, Route> routes) {
        this.apps = Map.copyOf(apps);
        this.routes = Map.copyOf(routes);
        var tokens = new HashMap<String, App>();
        apps.values().forEach(app -> app.tokenSha256().forEach(hash -> tokens.put(hash, app)));
        byToken = Map.copyOf(tokens);
    }

    public Map<String, App> apps() {
        return apps;
    }

    public Map<String, Route> routes() {
        return routes;
    }

    public @Nullable App app(String name) {
        return apps.get(name);
    }

    public @Nullable Route route(String url) {
        return routes.get(url);
    }

    /// The app that a `chat_token` names and authenticates, blocked or not; null when none does.
    /// Each record asks. It is looked up by its hash: how long that takes tells nothing of a token.
    public @Nullable App appOfToken(String chatToken) {
        return byToken.get(sha256(chatToken));
    }

    /// How tokens are written in the file: the SHA-256 of their UTF-8 bytes, in lower-case hex.
    public static String sha256(String token) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every JDK", e);
        }
    }

    /// @param tokenSha256 hex SHA-256 of each `chat_token` that names this app
    /// @param agentTokens opaque `client_token`s, by their hex SHA-256
    /// @param origins exact values of the browser's Origin header that may connect; empty: any
    public record App(
            String name,
            Status status,
            Set<String> roles,
            List<String> tokenSha256,
            Map<String, OpaqueAgent> agentTokens,
            @Nullable Jwt jwt,
            Set<String> origins) {
        public boolean active() {
            return status == Status.ACTIVE;
        }
    }

    public enum Status {
        ACTIVE,
        BLOCKED,
        DELETED
    }

    /// Who an opaque token stands for.
    public record OpaqueAgent(String uuid, Set<String> roles) {}

    /// How the app's JWTs are verified. Exactly one of the key sources is given; the algorithm is
    /// pinned by it and by `algorithm`.
    ///
    /// @param hmacSecret at least 32 bytes
    /// @param jwks a file's path or an https URL
    public record Jwt(
            String algorithm,
            byte @Nullable [] hmacSecret,
            @Nullable String publicKeyPem,
            @Nullable String jwks,
            @Nullable String issuer,
            @Nullable String audience,
            Claims claims) {}

    /// Names of the claims.
    public record Claims(String subject, String app, String role) {}

    /// What a `url` means.
    ///
    /// @param event name in the browser's frame
    /// @param ttl unless the target says otherwise
    /// @param capEntries unacknowledged entries an address may hold, then the oldest are dropped
    /// @param overdueAfter an `overdue` receipt if not acknowledged by then
    public record Route(
            String url,
            String event,
            Duration ttl,
            ReceiptLevel receipts,
            int capEntries,
            int capBytes,
            @Nullable Duration overdueAfter) {}
}
