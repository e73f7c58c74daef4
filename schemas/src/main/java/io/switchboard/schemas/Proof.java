package io.switchboard.schemas;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// HMAC-SHA-256 with the cluster's key over origin, record key and record value: it binds what a
/// forwarded record says of itself to its content, so that nobody else who may write the topic
/// can claim an app or an expiry, or lend a proof to other words.
///
/// The first key signs, every key verifies: rotation puts the new one first.
///
/// Thread-safe.
public final class Proof {
    public static final String HEADER = "switchboard-proof";
    public static final int KEY_BYTES = 32;
    private static final String ALGORITHM = "HmacSHA256";

    private final List<SecretKeySpec> keys;

    public Proof(List<byte[]> keys) {
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("cluster key: none (expected: at least one)");
        }
        for (var key : keys) {
            if (key.length < KEY_BYTES) {
                throw new IllegalArgumentException(
                        "cluster key: %d bytes (expected: at least %d)"
                                .formatted(key.length, KEY_BYTES));
            }
        }
        this.keys = keys.stream().map(key -> new SecretKeySpec(key, ALGORITHM)).toList();
    }

    public byte[] sign(byte[] origin, byte[] key, byte[] value) {
        return mac(keys.getFirst(), origin, key, value);
    }

    public boolean verify(byte[] proof, byte[] origin, byte[] key, byte[] value) {
        for (var each : keys) {
            if (MessageDigest.isEqual(proof, mac(each, origin, key, value))) {
                return true;
            }
        }
        return false;
    }

    private static byte[] mac(SecretKeySpec secret, byte[] origin, byte[] key, byte[] value) {
        try {
            var mac = Mac.getInstance(ALGORITHM);
            mac.init(secret);
            for (var part : List.of(origin, key, value)) {
                mac.update(intBytes(part.length));
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(ALGORITHM + " is part of every JDK", e);
        }
    }

    private static byte[] intBytes(int value) {
        return new byte[] {
            (byte) (value >>> 24), (byte) (value >>> 16), (byte) (value >>> 8), (byte) value
        };
    }
}
