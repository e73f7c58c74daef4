package io.switchboard.operator;

import io.switchboard.runtime.Unusable;
import io.switchboard.schemas.Address;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Whose events are meant.
final class AddressFlags {
    @Option(names = "--app", paramLabel = "APP", description = "Events of this app only.")
    private @Nullable String app;

    @Option(names = "--agent", paramLabel = "APP/UUID", description = "For this agent only.")
    private @Nullable String agent;

    @Option(
            names = "--role",
            paramLabel = "APP/ROLE",
            description = "For this role's shared inbox only.")
    private @Nullable String role;

    @Option(
            names = "--address",
            paramLabel = "ADDRESS",
            description =
                    "For this address only: agent:<app>/<uuid>, role:<app>/<role> or app:<app>.")
    private @Nullable String address;

    @Nullable String app() {
        return app;
    }

    @Nullable Address address() {
        int given = (agent == null ? 0 : 1) + (role == null ? 0 : 1) + (address == null ? 0 : 1);
        if (given > 1) {
            throw new Unusable("%d of --agent, --role, --address (expected: one)".formatted(given));
        }
        if (agent != null) {
            return agent("--agent", agent);
        }
        if (role != null) {
            return parse("--role", "role:" + role);
        }
        return address == null ? null : parse("--address", address);
    }

    boolean matches(@Nullable Address candidate) {
        var wanted = address();
        if (candidate == null) {
            return app == null && wanted == null;
        }
        return (app == null || candidate.app().equals(app))
                && (wanted == null || candidate.equals(wanted));
    }

    static Address.Agent agent(String flag, String text) {
        var full = text.startsWith("agent:") ? text : "agent:" + text;
        if (parse(flag, full) instanceof Address.Agent agent) {
            return agent;
        }
        throw new Unusable("%s: '%s' (expected: <app>/<uuid>)".formatted(flag, text));
    }

    private static Address parse(String flag, String text) {
        return parsed(flag, text, Address::parse);
    }

    /// A parser's complaint, with the flag that it is about.
    static <T> T parsed(String flag, String text, Function<String, T> parser) {
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw new Unusable(flag + ": " + e.getMessage());
        }
    }
}
