package io.switchboard.operator;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.switchboard.runtime.Apps;
import io.switchboard.runtime.Unusable;
import io.switchboard.schemas.Address;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.List;

/// Signs `client_token`s with the secret by which the apps file itself verifies them: possible
/// only where that is a shared secret, so for development and for small installations.
public final class DevTokens {
    private DevTokens() {}

    /// @throws Unusable when the app verifies by public keys, which cannot sign
    public static String sign(Apps.App app, String uuid, Collection<String> roles, Instant expiry) {
        var jwt = app.jwt();
        if (jwt == null || jwt.hmacSecret() == null) {
            throw new Unusable(
                    "app '%s': its tokens are not signed with a shared secret (expected: jwt with algorithm HS256 and a secret; give --token otherwise)"
                            .formatted(app.name()));
        }
        var agent = new Address.Agent(app.name(), uuid);
        var claims =
                new JWTClaimsSet.Builder()
                        .claim(jwt.claims().subject(), agent.uuid())
                        .claim(jwt.claims().app(), agent.app())
                        .claim(jwt.claims().role(), List.copyOf(roles))
                        .issuer(jwt.issuer())
                        .audience(jwt.audience())
                        .expirationTime(Date.from(expiry))
                        .build();
        var signed = new SignedJWT(new JWSHeader(JWSAlgorithm.parse(jwt.algorithm())), claims);
        try {
            signed.sign(new MACSigner(jwt.hmacSecret()));
        } catch (JOSEException e) {
            throw new Unusable(
                    "app '%s': its secret cannot sign %s: %s"
                            .formatted(app.name(), jwt.algorithm(), e.getMessage()));
        }
        return signed.serialize();
    }
}
