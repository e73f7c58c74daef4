package io.switchboard.operator;

import com.fasterxml.jackson.databind.JsonNode;
import io.switchboard.inbox.EdgeNotice;
import io.switchboard.inbox.Leases;
import io.switchboard.runtime.AdminClient;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Position;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// What edge nodes say of themselves: beside their leases, and on their admin ports, which the
/// leases name. Where a port cannot be reached from here, the lease is all that is known.
///
/// Thread-safe.
final class EdgeAdmin implements AutoCloseable {
    /// By convention the admin port is so far above the one for browsers: what is tried when the
    /// lease is of a release that did not say.
    private static final int CONVENTION = 100;

    private final AdminClient client = new AdminClient();

    /// @param state `ready`, or the reasons why it is not
    record Said(String state, OptionalLong connections) {}

    /// @param connections to how many the event was written in one go
    record Written(Position position, String connection, int connections, Instant at) {}

    /// @param state `live`, `lagging`, `attaching` or `draining`
    record Connected(String connection, Instant since, String state) {}

    Said ask(EdgeNotice notice) {
        var health = client.json(admin(notice), "/health");
        var connections =
                notice.connections() < 0
                        ? OptionalLong.empty()
                        : OptionalLong.of(notice.connections());
        if (health == null || !health.has("checks")) {
            return new Said(notice.draining() ? "draining" : "lease held", connections);
        }
        var failing = new ArrayList<String>();
        health.path("checks")
                .properties()
                .forEach(
                        check -> {
                            var said = check.getValue().asText();
                            if (!said.equals("ok")) {
                                failing.add(
                                        said.equals("draining")
                                                ? said
                                                : check.getKey() + ": " + said);
                            }
                        });
        return new Said(failing.isEmpty() ? "ready" : String.join(", ", failing), connections);
    }

    /// When the event at this position was written there; empty when that is not known.
    List<Written> written(Leases.Lease lease, Position position) {
        var answer = client.json(admin(lease.notice()), "/events/" + position);
        var written = new ArrayList<Written>();
        if (answer != null) {
            for (var each : answer.path("written")) {
                var at = time(each.path("at"));
                if (at != null) {
                    written.add(
                            new Written(
                                    position,
                                    each.path("connection").asText(),
                                    each.path("connections").asInt(1),
                                    at));
                }
            }
        }
        return written;
    }

    /// The agent's connections there; null when the edge does not say.
    @Nullable List<Connected> connections(Leases.Lease lease, Address.Agent agent) {
        var path = "/agents/%s/%s".formatted(agent.app(), agent.uuid());
        var answer = client.json(admin(lease.notice()), path);
        if (answer == null || !answer.path("connections").isArray()) {
            return null;
        }
        var connections = new ArrayList<Connected>();
        for (var each : answer.path("connections")) {
            var since = time(each.path("since"));
            if (since != null) {
                connections.add(
                        new Connected(
                                each.path("connection").asText(),
                                since,
                                each.path("state").asText()));
            }
        }
        return connections;
    }

    static String admin(EdgeNotice notice) {
        if (!notice.admin().isEmpty()) {
            return notice.admin();
        }
        try {
            var uri = URI.create(notice.url());
            return uri.getHost() == null || uri.getPort() < 0
                    ? ""
                    : "http://%s:%d".formatted(uri.getHost(), uri.getPort() + CONVENTION);
        } catch (IllegalArgumentException _) {
            return "";
        }
    }

    private static @Nullable Instant time(JsonNode node) {
        try {
            return Instant.parse(node.asText());
        } catch (java.time.DateTimeException _) {
            return null;
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
