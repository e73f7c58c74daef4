package io.switchboard.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.switchboard.schemas.ReceiptLevel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AppsFileTest {
    private static final String SMALL =
            """
            apps:
              desk: {}
            routes:
              /x: {event: X}
            """;

    @TempDir Path folder;

    @Test
    void exampleFile_isReadWhole_andKnowsTheSeedsToken() {
        try (var file = AppsFile.open(Path.of("../apps.example.yaml"))) {
            var apps = file.current();

            var app = apps.appOfToken("sdfd3sdfsd3324cx");
            assertThat(app).isNotNull();
            assertThat(app.name()).isEqualTo("helpdesk");
            assertThat(app.active()).isTrue();
            assertThat(app.roles()).containsExactlyInAnyOrder("agent", "supervisor");
            assertThat(apps.appOfToken("sdfd3sdfsd3324cX")).isNull();
            var route = apps.route("/worksheet/send-message");
            assertThat(route.event()).isEqualTo("WorksheetMsg");
            assertThat(route.receipts()).isEqualTo(ReceiptLevel.ALL);
        }
    }

    @Test
    void routeThatSaysOnlyItsEvent_hasTheDefaults() throws IOException {
        var route = read(SMALL).route("/x");

        assertThat(route)
                .isEqualTo(
                        new Apps.Route(
                                "/x",
                                "X",
                                Duration.ofHours(72),
                                ReceiptLevel.FAILURES,
                                1000,
                                1024 * 1024,
                                null));
    }

    @Test
    void missingFile_isNamed() {
        assertThatThrownBy(() -> AppsFile.open(folder.resolve("none.yaml")))
                .isInstanceOf(Unusable.class)
                .hasMessageContaining("none.yaml: cannot be read (expected: the apps file");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "apps: {desk: {rolls: [a]}}, routes: {} | apps.desk.rolls: unknown key (expected: one of status, roles, producers, agents, jwt, origins)",
                "apps: {_desk: {}}, routes: {} | an app's name that does not begin with '_'",
                "apps: {desk: {}} | routes: missing (expected: a mapping of urls)",
                "apps: {desk: {}}, routes: {/x: {}} | routes./x.event: missing (expected: the event's name in the browser)",
                "apps: {desk: {}}, routes: {x: {event: X}} | routes.x: a OBJECT (expected: a url of the form",
                "apps: {desk: {status: paused}}, routes: {} | apps.desk.status: \"paused\" (expected: active, blocked, deleted)",
                "apps: {desk: {roles: agent}}, routes: {} | apps.desk.roles: \"agent\" (expected: a list)",
                "apps: {desk: {roles: [ok, 'not ok']}}, routes: {} | apps.desk.roles[1]: \"not ok\" (expected: a role's name",
                "apps: {'a b': {}}, routes: {} | apps.a b: a OBJECT (expected: an app's name of the form",
                "apps: {desk: {producers: {token_sha256: [plain]}}}, routes: {} | apps.desk.producers.token_sha256[0]: \"plain\" (expected: 64 lower-case hex digits",
                "apps: {desk: {}}, routes: {/x: {event: X, ttl: 72}} | routes./x.ttl: 72 (expected: a duration as in 72h, 15m, 30s)",
                "apps: {desk: {}}, routes: {/x: {event: X, ttl: 31d}} | routes./x.ttl: \"31d\" (expected: at most 30d)",
                "apps: {desk: {}}, routes: {/x: {event: X, cap: {entries: 0}}} | routes./x.cap.entries: 0 (expected: a whole number above zero)",
                "apps: {desk: {}}, routes: {/x: {event: X, cap: {bytes: 1GB}}} | routes./x.cap.bytes: \"1GB\" (expected: a size as in",
                "apps: {desk: {}}, routes: {/x: {event: X, ttl: 1h, overdue_after: 1h}} | routes./x.overdue_after: \"1h\" (expected: shorter than the route's ttl PT1H)",
                "apps: {desk: {jwt: {secret: abc}}}, routes: {} | apps.desk.jwt.algorithm: missing (expected: HS256",
                "apps: {desk: {jwt: {algorithm: none}}}, routes: {} | apps.desk.jwt.algorithm: \"none\" (expected: HS256",
                "apps: {desk: {jwt: {algorithm: HS256, secret: short}}}, routes: {} | apps.desk.jwt.secret: … (expected: at least 32 bytes with HS256, found 5)",
                "apps: {desk: {jwt: {algorithm: RS256, secret: long}}}, routes: {} | apps.desk.jwt: a OBJECT (expected: exactly one of public_key_file and jwks, with RS256)",
                "apps: {desk: {jwt: {algorithm: RS256, jwks: http://far.example/keys}}}, routes: {} | apps.desk.jwt.jwks: \"http://far.example/keys\" (expected: https (http only on loopback))",
                "apps: {desk: {jwt: {algorithm: RS256, public_key_file: none.pem}}}, routes: {} | apps.desk.jwt.public_key_file: \"none.pem\" (expected: a file that can be read)",
                "apps: {desk: {origins: [desk.example.com]}}, routes: {} | apps.desk.origins[0]: \"desk.example.com\" (expected: an origin as in https://desk.example.com)",
                "apps: [ | (expected: YAML)",
                "apps: {desk: {}, desk: {}}, routes: {} | Duplicate",
            })
    void unusableFile_isNamedWithPathAndWhatWasExpected(String yaml, String message)
            throws IOException {
        var file = folder.resolve("apps.yaml");
        Files.writeString(file, "{" + yaml + "}");

        assertThatThrownBy(() -> AppsFile.open(file))
                .isInstanceOf(Unusable.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(message);
    }

    @Test
    void tokenInTwoApps_isRefused() throws IOException {
        var hash = Apps.sha256("t");

        assertThatThrownBy(
                        () ->
                                read(
                                        """
                                        apps:
                                          one: {producers: {token_sha256: [%s]}}
                                          two: {producers: {token_sha256: [%s]}}
                                        routes: {}
                                        """
                                                .formatted(hash, hash)))
                .isInstanceOf(Unusable.class)
                .hasMessageContaining("(expected: one app a token)");
    }

    @Test
    void changedFile_isReadAgain_andABrokenOneLeavesTheLastGood() throws IOException {
        var path = folder.resolve("apps.yaml");
        Files.writeString(path, SMALL);
        try (var file = AppsFile.open(path)) {
            var seen = new CopyOnWriteArrayList<Apps>();
            file.onChange(seen::add);

            Files.writeString(path, SMALL.replace("desk: {}", "desk: {status: blocked}"));
            await().until(() -> !file.current().app("desk").active());
            await().untilAsserted(() -> assertThat(seen).hasSize(1));

            Files.writeString(path, "apps: [");
            file.check();
            Files.delete(path);
            file.check();
            assertThat(file.current().app("desk").active()).isFalse();

            Files.writeString(path, SMALL);
            await().until(() -> file.current().app("desk").active());
            await().untilAsserted(() -> assertThat(seen).hasSize(2));
        }
    }

    @Test
    void changedSecretFile_isReadAgain() throws IOException {
        var path = folder.resolve("apps.yaml");
        Files.writeString(folder.resolve("s"), "0".repeat(32) + "\n");
        Files.writeString(
                path, "{apps: {desk: {jwt: {algorithm: HS256, secret_file: s}}}, routes: {}}");
        try (var file = AppsFile.open(path)) {
            assertThat(file.current().app("desk").jwt().hmacSecret()).hasSize(32);

            Files.writeString(folder.resolve("s"), "1".repeat(33));

            await().until(() -> file.current().app("desk").jwt().hmacSecret().length == 33);
        }
    }

    private Apps read(String yaml) throws IOException {
        var file = folder.resolve("apps.yaml");
        Files.writeString(file, yaml);
        return AppsReader.read(file).apps();
    }
}
