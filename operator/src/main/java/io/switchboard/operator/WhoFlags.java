package io.switchboard.operator;

import io.switchboard.runtime.Apps;
import io.switchboard.runtime.AppsFile;
import io.switchboard.runtime.Unusable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Which agent a command speaks for, and the token that proves it.
final class WhoFlags {

    @Parameters(
            arity = "0..1",
            paramLabel = "UUID",
            defaultValue = Example.UUID,
            description = "The agent's uuid (${DEFAULT-VALUE}).")
    private String uuid = Example.UUID;

    @Option(
            names = "--app",
            paramLabel = "NAME",
            description = "The agent's app; needed when the apps file has several.")
    private @Nullable String app;

    @Option(
            names = "--role",
            split = ",",
            paramLabel = "ROLE[,…]",
            description = "The agent's roles; all roles of the app when none is given.")
    private List<String> roles = List.of();

    @Option(
            names = "--valid",
            paramLabel = "DURATION",
            defaultValue = "PT12H",
            description = "How long the token is valid, e.g. PT30M (${DEFAULT-VALUE}).")
    private Duration valid = Duration.ofHours(12);

    @Option(
            names = "--apps",
            paramLabel = "FILE",
            description =
                    "Apps, tokens and routes. Otherwise the first that exists of: ./apps.yaml, data/apps.yaml (which `up` made), apps.example.yaml.")
    private @Nullable Path appsFile;

    /// A token, and what it says.
    record Who(String app, String uuid, Set<String> roles, Instant expiry, String token) {}

    Who sign() {
        try (var apps = AppsFile.open(appsFile == null ? usualFile() : appsFile)) {
            var found = find(apps.current());
            var signedRoles = new TreeSet<>(roles.isEmpty() ? found.roles() : roles);
            for (var role : signedRoles) {
                if (!found.roles().contains(role)) {
                    throw new Unusable(
                            "--role: '%s' (expected: one of %s)".formatted(role, found.roles()));
                }
            }
            var expiry = Instant.now().plus(valid);
            return new Who(
                    found.name(),
                    uuid,
                    signedRoles,
                    expiry,
                    DevTokens.sign(found, uuid, signedRoles, expiry));
        } catch (IllegalArgumentException e) {
            throw new Unusable(String.valueOf(e.getMessage()));
        }
    }

    private Apps.App find(Apps apps) {
        var names = apps.apps().keySet();
        if (app == null && names.size() != 1) {
            throw new Unusable("--app: not given (expected: one of %s)".formatted(names));
        }
        var found = apps.app(app == null ? names.iterator().next() : app);
        if (found == null) {
            throw new Unusable("--app: '%s' (expected: one of %s)".formatted(app, names));
        }
        return found;
    }

    private static Path usualFile() {
        var home = Path.of(System.getProperty("switchboard.home", ""));
        var here = Path.of("apps.yaml");
        for (var each : List.of(here, home.resolve("data/apps.yaml"))) {
            if (Files.exists(each)) {
                return each;
            }
        }
        return home.resolve("apps.example.yaml");
    }
}
