package io.switchboard.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.runtime.AgentTokens;
import io.switchboard.runtime.Apps;
import io.switchboard.runtime.AppsFile;
import io.switchboard.runtime.Unusable;
import io.switchboard.schemas.Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevTokensTest {
    private final Instant expiry =
            Instant.now().plus(1, ChronoUnit.HOURS).truncatedTo(ChronoUnit.SECONDS);

    @TempDir Path folder;

    @Test
    void aSignedTokenIsVerifiedByTheSameAppsFile() throws Exception {
        var apps =
                apps(
                        """
                        apps:
                          helpdesk:
                            roles: [agent, supervisor]
                            jwt:
                              algorithm: HS256
                              secret: a-secret-of-at-least-thirty-two-bytes
                              issuer: https://login.example.com/
                              audience: switchboard
                              claims: {subject: who, app: tenant, role: groups}
                        routes: {}
                        """);

        var token =
                DevTokens.sign(
                        Objects.requireNonNull(apps.app("helpdesk")),
                        "ada",
                        List.of("supervisor"),
                        expiry);

        assertThat(new AgentTokens(() -> apps, InstantSource.system()).verify(token))
                .isEqualTo(
                        new AgentTokens.Verdict.Verified(
                                new Address.Agent("helpdesk", "ada"),
                                Set.of("supervisor"),
                                expiry));
    }

    @Test
    void anAppWithoutASharedSecretCannotSign_andIsToldWhatToDo() throws Exception {
        var apps = apps("apps:\n  helpdesk:\n    roles: [agent]\nroutes: {}\n");

        assertThatThrownBy(
                        () ->
                                DevTokens.sign(
                                        Objects.requireNonNull(apps.app("helpdesk")),
                                        "ada",
                                        List.of(),
                                        expiry))
                .isInstanceOf(Unusable.class)
                .hasMessageContaining("helpdesk")
                .hasMessageContaining("--token");
    }

    private Apps apps(String yaml) throws Exception {
        try (var file = AppsFile.open(Files.writeString(folder.resolve("apps.yaml"), yaml))) {
            return file.current();
        }
    }
}
