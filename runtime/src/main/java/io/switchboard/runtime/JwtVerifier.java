package io.switchboard.runtime;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.switchboard.runtime.AgentTokens.Verdict;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.CloseCode;
import java.security.Key;
import java.text.ParseException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// Verifies the JWTs of one app with the app's keys.
///
/// Thread-safe.
///
/// @param key the one key; null when a key set is used
/// @param jwks the key set; null when there is one key
record JwtVerifier(
        Apps.App app,
        Apps.Jwt jwt,
        InstantSource clock,
        @Nullable Key key,
        @Nullable JwksKeys jwks) {
    /// How far two clocks may be apart.
    private static final Duration LEEWAY = Duration.ofSeconds(30);

    /// @param old the app's verifier before the apps file changed; its key set is kept
    static JwtVerifier of(
            Apps.App app, Apps.Jwt jwt, InstantSource clock, @Nullable JwtVerifier old) {
        if (jwt.jwks() != null) {
            var same = old != null && jwt.jwks().equals(old.jwt.jwks()) ? old.jwks : null;
            var jwks = same == null ? new JwksKeys(jwt.jwks(), clock) : same;
            return new JwtVerifier(app, jwt, clock, null, jwks);
        }
        if (jwt.hmacSecret() != null) {
            var secret = new SecretKeySpec(jwt.hmacSecret(), "HMAC");
            return new JwtVerifier(app, jwt, clock, secret, null);
        }
        var pem = Objects.requireNonNull(jwt.publicKeyPem(), "a key source");
        return new JwtVerifier(app, jwt, clock, PublicKeyPem.parse(jwt.algorithm(), pem), null);
    }

    /// Whether what this one holds open is used by `next` as well.
    boolean livesOnIn(@Nullable JwtVerifier next) {
        return jwks == null || (next != null && jwks.equals(next.jwks));
    }

    void close() {
        if (jwks != null) {
            jwks.close();
        }
    }

    Verdict verify(SignedJWT token) {
        var algorithm = token.getHeader().getAlgorithm();
        if (!algorithm.equals(JWSAlgorithm.parse(jwt.algorithm()))) {
            return badToken("algorithm %s (expected: %s)".formatted(algorithm, jwt.algorithm()));
        }
        List<Key> keys;
        if (jwks == null) {
            keys = List.of(Objects.requireNonNull(key));
        } else {
            switch (jwks.find(token.getHeader().getKeyID())) {
                case JwksKeys.Found.Away _ -> {
                    return new Verdict.Refused(
                            CloseCode.KEYS_AWAY, "the app's keys are being fetched");
                }
                case JwksKeys.Found.Unknown _ -> {
                    return badToken("the app has no key of this id");
                }
                case JwksKeys.Found.Keys(var found) -> keys = usable(found);
            }
        }
        return keys.stream().anyMatch(each -> isSignedWith(each, token))
                ? claims(token)
                : badToken("the signature is not by a key of the app");
    }

    private static List<Key> usable(List<JWK> found) {
        var keys = new ArrayList<Key>();
        for (var each : found) {
            if (each instanceof AsymmetricJWK asymmetric
                    && (each.getKeyUse() == null || each.getKeyUse().equals(KeyUse.SIGNATURE))) {
                try {
                    keys.add(asymmetric.toPublicKey());
                } catch (JOSEException _) {
                    // A key of a kind that the JDK lacks verifies nothing.
                }
            }
        }
        return keys;
    }

    private static boolean isSignedWith(Key key, SignedJWT token) {
        try {
            return token.verify(
                    new DefaultJWSVerifierFactory().createJWSVerifier(token.getHeader(), key));
        } catch (JOSEException _) {
            return false;
        }
    }

    private Verdict claims(SignedJWT token) {
        JWTClaimsSet claims;
        try {
            claims = token.getJWTClaimsSet();
        } catch (ParseException _) {
            return badToken("the claims are malformed");
        }
        var now = clock.instant();
        var expires = claims.getExpirationTime();
        if (expires == null) {
            return badToken("no exp");
        }
        if (!now.isBefore(expires.toInstant().plus(LEEWAY))) {
            return new Verdict.Refused(
                    CloseCode.TOKEN_EXPIRED, "expired at " + expires.toInstant());
        }
        var notBefore = claims.getNotBeforeTime();
        if (notBefore != null && now.isBefore(notBefore.toInstant().minus(LEEWAY))) {
            return badToken("not valid before " + notBefore.toInstant());
        }
        if (jwt.issuer() != null && !jwt.issuer().equals(claims.getIssuer())) {
            return badToken("iss (expected: %s)".formatted(jwt.issuer()));
        }
        if (jwt.audience() != null && !claims.getAudience().contains(jwt.audience())) {
            return badToken("aud (expected: %s)".formatted(jwt.audience()));
        }
        if (!(claims.getClaim(jwt.claims().subject()) instanceof String uuid)
                || !Address.UUID.matcher(uuid).matches()) {
            return badToken(
                    "%s (expected: a uuid of the form %s)"
                            .formatted(jwt.claims().subject(), Address.UUID));
        }
        return new Verdict.Verified(
                new Address.Agent(app.name(), uuid),
                roles(claims.getClaim(jwt.claims().role())),
                expires.toInstant());
    }

    /// One, a list, or none; a role that the apps file does not know is no role.
    private Set<String> roles(@Nullable Object claim) {
        var roles = new HashSet<String>();
        if (claim instanceof String one) {
            roles.add(one);
        } else if (claim instanceof Collection<?> several) {
            several.forEach(each -> roles.add(String.valueOf(each)));
        }
        roles.retainAll(app.roles());
        return Set.copyOf(roles);
    }

    private static Verdict badToken(String reason) {
        return new Verdict.Refused(CloseCode.BAD_TOKEN, reason);
    }
}
