package io.switchboard.systemtests.harness;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.switchboard.schemas.Json;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// What a login system does: signs a JWT (HS256), with nothing of ours but the documented claims.
final class Tokens {
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    private Tokens() {}

    static String jwt(String secret, String app, String uuid, List<String> roles, Duration life) {
        var claims =
                Json.object()
                        .put("sub", uuid)
                        .put("app", app)
                        .put("exp", Instant.now().plus(life).getEpochSecond());
        var role = claims.putArray("role");
        roles.forEach(role::add);
        var header = Json.object().put("alg", "HS256").put("typ", "JWT");
        var signed =
                BASE64.encodeToString(Json.bytes(header))
                        + "."
                        + BASE64.encodeToString(Json.bytes(claims));
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
            return signed + "." + BASE64.encodeToString(mac.doFinal(signed.getBytes(UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HmacSHA256 is part of every JDK", e);
        }
    }

    static String sha256(String text) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("SHA-256 is part of every JDK", e);
        }
    }
}
