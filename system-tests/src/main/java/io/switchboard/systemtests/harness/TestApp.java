package io.switchboard.systemtests.harness;

import io.switchboard.schemas.Address;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// An app of the apps file that one test has to itself.
///
/// Immutable.
public record TestApp(String name) {
    /// Roles that exist in each of them.
    public static final List<String> ROLES = List.of("clerk", "lead");

    public static final String URL = "/worksheet/send-message";

    /// A route whose events are gone after a moment, and whose inbox holds little.
    public static final String BRIEF_URL = "/brief";

    static final int BRIEF_TTL_SECONDS = 2;
    public static final int BRIEF_CAP = 5;

    private static final Duration TOKEN_LIFE = Duration.ofHours(12);

    public String chatToken() {
        return "chat-token-of-" + name;
    }

    public Address.Agent agent(String uuid) {
        return new Address.Agent(name, uuid);
    }

    public String clientToken(String uuid, String... roles) {
        return Tokens.jwt(secret(), name, uuid, List.of(roles), TOKEN_LIFE);
    }

    private String secret() {
        return "a secret of at least thirty-two bytes of " + name;
    }

    private List<String> yaml(String status) {
        return List.of(
                "  %s:".formatted(name),
                "    status: " + status,
                "    roles: [%s]".formatted(String.join(", ", ROLES)),
                "    producers:",
                "      token_sha256: [%s]".formatted(Tokens.sha256(chatToken())),
                "    jwt:",
                "      algorithm: HS256",
                "      secret: \"%s\"".formatted(secret()));
    }

    /// The apps file with `count` apps, the last of which is blocked.
    static List<String> appsFile(int count) {
        var lines = new ArrayList<String>();
        lines.add("apps:");
        for (int i = 1; i <= count; i++) {
            lines.addAll(nth(i).yaml("active"));
        }
        lines.addAll(blocked().yaml("blocked"));
        lines.addAll(
                List.of(
                        "routes:",
                        "  %s:".formatted(URL),
                        "    event: WorksheetMsg",
                        "    receipts: all",
                        "    cap: {entries: 200000, bytes: 100MiB}",
                        "  %s:".formatted(BRIEF_URL),
                        "    event: Brief",
                        "    ttl: %ds".formatted(BRIEF_TTL_SECONDS),
                        "    receipts: all",
                        "    cap: {entries: %d, bytes: 1MiB}".formatted(BRIEF_CAP)));
        return lines;
    }

    static TestApp nth(int i) {
        return new TestApp("app" + i);
    }

    public static TestApp blocked() {
        return new TestApp("blocked");
    }
}
