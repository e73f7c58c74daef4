package io.switchboard.runtime;

import com.nimbusds.jwt.SignedJWT;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.CloseCode;
import java.text.ParseException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Says who a `client_token` stands for: an opaque token of the apps file, or a JWT.
///
/// A JWT's `app` claim, read before anything is verified, only chooses whose key must verify it;
/// that app's configuration pins the algorithm. Never waits.
///
/// Thread-safe.
public final class AgentTokens implements AutoCloseable {
    private static final int MAX_LENGTH = 8 * 1024;

    private final Supplier<Apps> apps;
    private final InstantSource clock;
    private volatile Verifiers verifiers;

    public AgentTokens(Supplier<Apps> apps, InstantSource clock) {
        this.apps = apps;
        this.clock = clock;
        this.verifiers = new Verifiers(null, Map.of());
        current();
    }

    public sealed interface Verdict {
        /// @param roles those that exist in the app
        /// @param expiry null: for as long as the apps file says so
        record Verified(Address.Agent agent, Set<String> roles, @Nullable Instant expiry)
                implements Verdict {}

        /// @param reason for the log and the browser; holds nothing of the token
        record Refused(CloseCode code, String reason) implements Verdict {}
    }

    public Verdict verify(String clientToken) {
        if (clientToken.isEmpty() || clientToken.length() > MAX_LENGTH) {
            return new Verdict.Refused(
                    CloseCode.BAD_TOKEN,
                    "%d characters (expected: 1 to %d)"
                            .formatted(clientToken.length(), MAX_LENGTH));
        }
        var opaque = opaque(Apps.sha256(clientToken));
        return opaque == null ? jwt(clientToken) : opaque;
    }

    @Override
    public synchronized void close() {
        verifiers.byApp.values().forEach(JwtVerifier::close);
    }

    private @Nullable Verdict opaque(String hash) {
        for (var app : apps.get().apps().values()) {
            var agent = app.agentTokens().get(hash);
            if (agent != null) {
                return app.active()
                        ? new Verdict.Verified(
                                new Address.Agent(app.name(), agent.uuid()), agent.roles(), null)
                        : blocked(app);
            }
        }
        return null;
    }

    private Verdict jwt(String token) {
        SignedJWT jwt;
        Map<String, Object> claims;
        try {
            jwt = SignedJWT.parse(token);
            var payload = jwt.getPayload().toJSONObject();
            if (payload == null) {
                return badToken("the payload is no JSON object");
            }
            claims = payload;
        } catch (ParseException _) {
            return badToken("neither a known token nor a signed JWT");
        }
        for (var verifier : current().byApp.values()) {
            var app = verifier.app();
            if (app.name().equals(claims.get(verifier.jwt().claims().app()))) {
                return app.active() ? verifier.verify(jwt) : blocked(app);
            }
        }
        return badToken("no app takes it (expected: an app claim that names an app with jwt)");
    }

    /// The verifiers of the apps file as it is now; those whose settings did not change stay, with
    /// the keys that they have fetched.
    private Verifiers current() {
        var now = apps.get();
        var known = verifiers;
        return known.isOf(now) ? known : renew(now);
    }

    private synchronized Verifiers renew(Apps now) {
        var old = verifiers;
        if (old.isOf(now)) {
            return old;
        }
        var byApp = new HashMap<String, JwtVerifier>();
        for (var app : now.apps().values()) {
            if (app.jwt() != null) {
                byApp.put(
                        app.name(),
                        JwtVerifier.of(app, app.jwt(), clock, old.byApp.get(app.name())));
            }
        }
        old.byApp.forEach(
                (name, verifier) -> {
                    if (!verifier.livesOnIn(byApp.get(name))) {
                        verifier.close();
                    }
                });
        verifiers = new Verifiers(now, Map.copyOf(byApp));
        return verifiers;
    }

    private record Verifiers(@Nullable Apps apps, Map<String, JwtVerifier> byApp) {
        /// The same object, not an equal one: this is asked at every verification.
        @SuppressWarnings("ReferenceEquality")
        boolean isOf(Apps now) {
            return apps == now;
        }
    }

    private static Verdict blocked(Apps.App app) {
        return new Verdict.Refused(
                CloseCode.APP_BLOCKED,
                "app %s is %s"
                        .formatted(
                                app.name(),
                                app.status().name().toLowerCase(java.util.Locale.ROOT)));
    }

    private static Verdict badToken(String reason) {
        return new Verdict.Refused(CloseCode.BAD_TOKEN, reason);
    }
}
