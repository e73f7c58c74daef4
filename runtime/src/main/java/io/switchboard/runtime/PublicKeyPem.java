package io.switchboard.runtime;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Pattern;

/// A public key as `openssl pkey -pubout` writes it (RFC 7468 §13).
final class PublicKeyPem {
    private static final Pattern FORM =
            Pattern.compile(
                    "\\s*-----BEGIN PUBLIC KEY-----\\s*([A-Za-z0-9+/=\\s]+)-----END PUBLIC KEY-----\\s*");

    private PublicKeyPem() {}

    /// @param algorithm of the JWTs: RS…, PS… or ES…
    /// @throws IllegalArgumentException saying what was expected
    static PublicKey parse(String algorithm, String pem) {
        var type = algorithm.startsWith("ES") ? "EC" : "RSA";
        var matcher = FORM.matcher(pem);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "a PEM file with one PUBLIC KEY, as of `openssl pkey -pubout`");
        }
        try {
            var encoded = Base64.getMimeDecoder().decode(matcher.group(1));
            return KeyFactory.getInstance(type).generatePublic(new X509EncodedKeySpec(encoded));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "an %s key, since the algorithm is %s".formatted(type, algorithm), e);
        }
    }
}
