package io.switchboard.bench.far;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Signs the browsers' tokens (JWT, HS256), as a login system would.
final class Tokens {
    private static final Duration LIFE = Duration.ofHours(2);
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
    private static final String HEADER =
            BASE64.encodeToString("{\"alg\":\"HS256\"}".getBytes(UTF_8));

    private Tokens() {}

    static String sign(String secret, String app, String uuid, String role) {
        var claims =
                "{\"sub\":\"%s\",\"app\":\"%s\",\"role\":[%s],\"exp\":%d}"
                        .formatted(
                                uuid,
                                app,
                                role.isEmpty() ? "" : "\"" + role + "\"",
                                Instant.now().plus(LIFE).getEpochSecond());
        var signed = HEADER + "." + BASE64.encodeToString(claims.getBytes(UTF_8));
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
            return signed + "." + BASE64.encodeToString(mac.doFinal(signed.getBytes(UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HmacSHA256 is part of every JDK", e);
        }
    }
}
