package io.switchboard.schemas;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/// Whom an event is for: `agent:<app>/<uuid>`, `role:<app>/<role>` or `app:<app>`.
///
/// An address is also a record's key, and so decides its partition, its lane and its Redis shard:
/// [#partition] is what Kafka's own partitioner computes for [#toString].
///
/// Immutable.
public sealed interface Address {
    Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    Pattern UUID = Pattern.compile("[A-Za-z0-9._:@-]{1,128}");

    String app();

    /// The key that the browser knows this address by: `agent`, `role:<role>` or `app`.
    String feed();

    default byte[] key() {
        return toString().getBytes(StandardCharsets.UTF_8);
    }

    default int partition(int partitions) {
        return Utils.toPositive(Utils.murmur2(key())) % partitions;
    }

    static @Nullable Address tryParse(String text) {
        try {
            return parse(text);
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    /// @throws IllegalArgumentException naming the text and the expected form
    static Address parse(String text) {
        var colon = text.indexOf(':');
        var slash = text.indexOf('/');
        if (colon > 0) {
            var kind = text.substring(0, colon);
            if (kind.equals("app") && slash < 0) {
                return new App(text.substring(colon + 1));
            }
            if (kind.equals("agent") && slash > colon) {
                return new Agent(text.substring(colon + 1, slash), text.substring(slash + 1));
            }
            if (kind.equals("role") && slash > colon) {
                return new Role(text.substring(colon + 1, slash), text.substring(slash + 1));
            }
        }
        throw new IllegalArgumentException(
                "address: '%s' (expected: agent:<app>/<uuid>, role:<app>/<role> or app:<app>)"
                        .formatted(text));
    }

    /// One person, whatever they are connected with.
    record Agent(String app, String uuid) implements Address {
        public Agent {
            check("app", app, NAME);
            check("uuid", uuid, UUID);
        }

        @Override
        public String feed() {
            return "agent";
        }

        @Override
        public String toString() {
            return "agent:" + app + "/" + uuid;
        }
    }

    /// Whoever has the role.
    record Role(String app, String role) implements Address {
        public Role {
            check("app", app, NAME);
            check("role", role, NAME);
        }

        @Override
        public String feed() {
            return "role:" + role;
        }

        @Override
        public String toString() {
            return "role:" + app + "/" + role;
        }
    }

    /// Everybody in an app.
    record App(String app) implements Address {
        public App {
            check("app", app, NAME);
        }

        @Override
        public String feed() {
            return "app";
        }

        @Override
        public String toString() {
            return "app:" + app;
        }
    }

    private static void check(String what, String value, Pattern form) {
        if (!form.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "%s: '%s' (expected: %s)".formatted(what, value, form.pattern()));
        }
    }
}
