package io.switchboard.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import io.switchboard.runtime.AgentTokens.Verdict;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.CloseCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AgentTokensTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final String SECRET = "0123456789abcdef0123456789abcdef";

    @TempDir Path folder;
    private final AtomicReference<Instant> now = new AtomicReference<>(NOW);
    private final AtomicReference<Apps> apps = new AtomicReference<>();

    @BeforeEach
    void hmacApp() throws IOException {
        configure(
                "roles: [agent, boss], agents: {tokens: [{sha256: %s, uuid: wall, roles: [boss]}]}, jwt: {algorithm: HS256, secret: %s}"
                        .formatted(Apps.sha256("opaque"), SECRET));
    }

    @Test
    void goodJwt_namesTheAgentAndItsRoles() throws JOSEException {
        var token = hmac(claims().claim("role", List.of("agent", "king")));

        assertThat(verify(token))
                .isEqualTo(
                        new Verdict.Verified(
                                new Address.Agent("desk", "u1"),
                                Set.of("agent"),
                                NOW.plusSeconds(60)));
    }

    @Test
    void roleClaim_mayBeOneText() throws JOSEException {
        assertThat(verify(hmac(claims().claim("role", "boss"))))
                .isInstanceOfSatisfying(
                        Verdict.Verified.class,
                        verified -> assertThat(verified.roles()).containsExactly("boss"));
    }

    @Test
    void opaqueToken_isLookedUpByItsHash() {
        assertThat(verify("opaque"))
                .isEqualTo(
                        new Verdict.Verified(
                                new Address.Agent("desk", "wall"), Set.of("boss"), null));
        assertThat(verify("opaque2")).isEqualTo(badToken("neither a known token nor a signed JWT"));
    }

    @Test
    void expiredJwt_isTold_soThatTheBrowserComesBackWithANewOne() throws JOSEException {
        var token = hmac(claims().expirationTime(Date.from(NOW.minusSeconds(30))));

        assertThat(verify(token))
                .isEqualTo(
                        new Verdict.Refused(
                                CloseCode.TOKEN_EXPIRED, "expired at 2026-01-01T11:59:30Z"));
        now.set(NOW.minusSeconds(1));
        assertThat(verify(token)).isInstanceOf(Verdict.Verified.class);
    }

    @Test
    void jwtWithoutExp_orBeforeItsTime_orWithoutSubject_isRefused() throws JOSEException {
        assertThat(verify(hmac(claims().expirationTime(null)))).isEqualTo(badToken("no exp"));
        assertThat(verify(hmac(claims().notBeforeTime(Date.from(NOW.plusSeconds(31))))))
                .isEqualTo(badToken("not valid before 2026-01-01T12:00:31Z"));
        assertThat(verify(hmac(claims().subject("not a uuid"))))
                .isInstanceOfSatisfying(
                        Verdict.Refused.class,
                        refused ->
                                assertThat(refused.reason()).startsWith("sub (expected: a uuid"));
    }

    @Test
    void jwtOfAnotherKey_orAlgorithm_orApp_isRefused() throws JOSEException {
        assertThat(verify(sign(claims(), JWSAlgorithm.HS256, new MACSigner("x".repeat(32)), null)))
                .isEqualTo(badToken("the signature is not by a key of the app"));
        assertThat(verify(sign(claims(), JWSAlgorithm.HS512, new MACSigner("x".repeat(64)), null)))
                .isEqualTo(badToken("algorithm HS512 (expected: HS256)"));
        assertThat(verify(hmac(claims().claim("app", "other"))))
                .isEqualTo(
                        badToken(
                                "no app takes it (expected: an app claim that names an app with jwt)"));
        var unsigned =
                encode("{\"alg\":\"none\"}")
                        + "."
                        + encode("{\"sub\":\"u1\",\"app\":\"desk\",\"exp\":9999999999}")
                        + ".";
        assertThat(verify(unsigned)).isEqualTo(badToken("neither a known token nor a signed JWT"));
    }

    @Test
    void issuerAndAudience_areCheckedWhereConfigured() throws Exception {
        configure(
                "jwt: {algorithm: HS256, secret: %s, issuer: me, audience: us, claims: {subject: uid, app: tenant}}"
                        .formatted(SECRET));
        var good =
                new JWTClaimsSet.Builder()
                        .claim("uid", "u2")
                        .claim("tenant", "desk")
                        .expirationTime(Date.from(NOW.plusSeconds(60)));

        assertThat(verify(hmac(good.issuer("you").audience("us"))))
                .isEqualTo(badToken("iss (expected: me)"));
        assertThat(verify(hmac(good.issuer("me").audience("them"))))
                .isEqualTo(badToken("aud (expected: us)"));
        assertThat(verify(hmac(good.audience(List.of("them", "us")))))
                .isInstanceOf(Verdict.Verified.class);
    }

    @Test
    void blockedApp_refusesJwtAndOpaqueToken_asSoonAsTheFileSaysSo() throws Exception {
        try (var tokens = new AgentTokens(apps::get, now::get)) {
            var token = hmac(claims());
            assertThat(tokens.verify(token)).isInstanceOf(Verdict.Verified.class);

            configure(
                    "status: blocked, agents: {tokens: [{sha256: %s, uuid: wall}]}, jwt: {algorithm: HS256, secret: %s}"
                            .formatted(Apps.sha256("opaque"), SECRET));

            var refused = new Verdict.Refused(CloseCode.APP_BLOCKED, "app desk is blocked");
            assertThat(tokens.verify(token)).isEqualTo(refused);
            assertThat(tokens.verify("opaque")).isEqualTo(refused);
        }
    }

    @Test
    void publicKeyInPem_verifies_andAnHmacOverItDoesNot() throws Exception {
        var rsa = new RSAKeyGenerator(2048).generate();
        var pem = pem(rsa.toPublicKey());
        Files.writeString(folder.resolve("k.pem"), pem);
        configure("jwt: {algorithm: RS256, public_key_file: k.pem}");

        assertThat(verify(sign(claims(), JWSAlgorithm.RS256, new RSASSASigner(rsa), null)))
                .isInstanceOf(Verdict.Verified.class);
        assertThat(verify(sign(claims(), JWSAlgorithm.HS256, new MACSigner(pem), null)))
                .isEqualTo(badToken("algorithm HS256 (expected: RS256)"));
    }

    @Test
    void ellipticKeyInPem_verifies() throws Exception {
        var ec = new ECKeyGenerator(Curve.P_256).generate();
        Files.writeString(folder.resolve("k.pem"), pem(ec.toPublicKey()));
        configure("jwt: {algorithm: ES256, public_key_file: k.pem}");

        assertThat(verify(sign(claims(), JWSAlgorithm.ES256, new ECDSASigner(ec), null)))
                .isInstanceOf(Verdict.Verified.class);
    }

    @Test
    void keySetAtAUrl_rotates_andNoVerificationWaits() throws Exception {
        var first = new RSAKeyGenerator(2048).keyID("k1").generate();
        var second = new RSAKeyGenerator(2048).keyID("k2").generate();
        var served = new AtomicReference<>(new JWKSet(first.toPublicJWK()));
        var server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    var body = served.get().toString().getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(200, body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        configure(
                "jwt: {algorithm: RS256, jwks: 'http://127.0.0.1:%d/keys'}"
                        .formatted(server.getAddress().getPort()));
        try (var tokens = new AgentTokens(apps::get, now::get)) {
            assertThat(tokens.verify(signed(first))).isInstanceOf(Verdict.Refused.class);
            server.start();
            await().until(() -> tokens.verify(signed(first)) instanceof Verdict.Verified);

            var away = new Verdict.Refused(CloseCode.KEYS_AWAY, "the app's keys are being fetched");
            assertThat(tokens.verify(signed(second)))
                    .as("it may have joined the set a moment after that was fetched")
                    .isEqualTo(away);
            now.set(NOW.plusSeconds(11));
            assertThat(tokens.verify(signed(second))).isEqualTo(away);
            var unknown = badToken("the app has no key of this id");
            await().until(() -> tokens.verify(signed(second)).equals(unknown));

            served.set(new JWKSet(List.of(first.toPublicJWK(), second.toPublicJWK())));
            now.set(NOW.plusSeconds(22));
            assertThat(tokens.verify(signed(second))).isEqualTo(away);
            await().until(() -> tokens.verify(signed(second)) instanceof Verdict.Verified);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void oversizedToken_isRefusedUnread() {
        assertThat(verify("x".repeat(8193)))
                .isEqualTo(badToken("8193 characters (expected: 1 to 8192)"));
    }

    private Verdict verify(String token) {
        try (var tokens = new AgentTokens(apps::get, now::get)) {
            return tokens.verify(token);
        }
    }

    private void configure(String app) throws IOException {
        var file = folder.resolve("apps.yaml");
        Files.writeString(file, "{apps: {desk: {" + app + "}}, routes: {}}");
        apps.set(AppsReader.read(file).apps());
    }

    private static JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder()
                .subject("u1")
                .claim("app", "desk")
                .expirationTime(Date.from(NOW.plusSeconds(60)));
    }

    private static String signed(RSAKey key) throws JOSEException {
        return sign(claims(), JWSAlgorithm.RS256, new RSASSASigner(key), key.getKeyID());
    }

    private static String hmac(JWTClaimsSet.Builder claims) throws JOSEException {
        return sign(claims, JWSAlgorithm.HS256, new MACSigner(SECRET), null);
    }

    private static String sign(
            JWTClaimsSet.Builder claims, JWSAlgorithm algorithm, JWSSigner signer, String kid)
            throws JOSEException {
        var jwt =
                new SignedJWT(new JWSHeader.Builder(algorithm).keyID(kid).build(), claims.build());
        jwt.sign(signer);
        return jwt.serialize();
    }

    private static String pem(PublicKey key) {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(key.getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }

    private static String encode(String json) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    private static Verdict badToken(String reason) {
        return new Verdict.Refused(CloseCode.BAD_TOKEN, reason);
    }
}
