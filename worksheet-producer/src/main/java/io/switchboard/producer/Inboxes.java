package io.switchboard.producer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.inbox.InboxAway;
import io.switchboard.inbox.InboxInspection;
import io.switchboard.inbox.InboxInspection.AddressView;
import io.switchboard.inbox.Leases;
import io.switchboard.runtime.AdminClient;
import io.switchboard.runtime.EventsTopic;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Position;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// How an address stands at this moment: Redis knows what is unread and at which edges somebody
/// listens, those edges know their connections. An edge that cannot be asked leaves a null.
///
/// Thread-safe; may wait, for a bounded time. Fails with [InboxAway].
final class Inboxes {
    /// Why nothing is known.
    static final String UNKNOWN = "this front door was started without --redis";

    private static final int PATIENCE_SECONDS = 3;

    private final Supplier<EventsTopic> topic;
    private final InboxInspection inboxes;
    private final Leases leases;
    private final AdminClient edges;

    Inboxes(
            Supplier<EventsTopic> topic,
            InboxInspection inboxes,
            Leases leases,
            AdminClient edges) {
        this.topic = topic;
        this.inboxes = inboxes;
        this.leases = leases;
        this.edges = edges;
    }

    /// Of one agent, as docs/producing.md shows it.
    ObjectNode presence(Address.Agent agent) {
        var lane = topic.get().laneOf(agent);
        var view = answer(inboxes.address(lane, agent));
        Instant since = null;
        Integer connections = 0;
        var at = Json.MAPPER.createArrayNode();
        for (var lease : leasesOf(view)) {
            var here = connections(lease, agent);
            var node = at.addObject().put("edge", lease.edge().id());
            if (here == null) {
                connections = null;
                node.putNull("since").putNull("connections");
                continue;
            }
            var first = here.stream().min(Instant::compareTo).orElse(null);
            node.put("since", text(first)).put("connections", here.size());
            connections = connections == null ? null : connections + here.size();
            since = since == null || (first != null && first.isBefore(since)) ? first : since;
        }
        var body =
                Json.object()
                        .put("agent", agent.toString())
                        .put("online", !at.isEmpty())
                        .put("since", text(since))
                        .put("connections", connections);
        body.set("edges", at);
        body.put("unread", view.unread());
        var oldest = view.oldest();
        if (oldest == null) {
            return body.putNull("oldest_unread");
        }
        body.putObject("oldest_unread")
                .put("id", oldest.eventId())
                .put("pos", lane.position(oldest.offset()).toString())
                .put("at", oldest.sent().toString())
                .put("expires", oldest.expiry().toString());
        return body;
    }

    /// Where an event stands. Its state is `not-stored` (its lane has not come to it), `unread`,
    /// `acknowledged` or, once it is neither any more, `ended`: it expired or was dropped.
    ObjectNode standing(Address address, Position position) {
        var lane = topic.get().laneOf(address);
        var view = answer(inboxes.address(lane, address));
        var names = Json.MAPPER.createArrayNode();
        leasesOf(view).forEach(lease -> names.add(lease.edge().id()));
        var body =
                Json.object()
                        .put("state", state(lane.holds(position), position.offset(), view))
                        .put("online", !names.isEmpty());
        body.set("edges", names);
        var oldest = view.oldest();
        return body.put("unread", view.unread())
                .put(
                        "oldest_unread",
                        oldest == null ? null : lane.position(oldest.offset()).toString());
    }

    /// @param own whether the position is of the address's lane; one that is not will be
    // republished
    private static String state(boolean own, long offset, AddressView view) {
        if (!own || offset > view.top()) {
            return "not-stored";
        }
        if (offset <= view.acked()) {
            return "acknowledged";
        }
        return offset <= view.settled() ? "ended" : "unread";
    }

    private List<Leases.Lease> leasesOf(AddressView view) {
        if (view.edges().isEmpty()) {
            return List.of();
        }
        List<EdgeRef> registered = view.edges();
        return answer(leases.all()).stream()
                .filter(lease -> registered.contains(lease.edge()))
                .toList();
    }

    /// When each of its connections there began; null when the edge does not say.
    private @Nullable List<Instant> connections(Leases.Lease lease, Address.Agent agent) {
        var said =
                edges.json(
                        lease.notice().admin(),
                        "/agents/%s/%s".formatted(agent.app(), agent.uuid()));
        if (said == null || !said.path("connections").isArray()) {
            return null;
        }
        var since = new ArrayList<Instant>();
        for (var each : said.path("connections")) {
            try {
                since.add(Instant.parse(each.path("since").asText()));
            } catch (java.time.DateTimeException _) {
                return null;
            }
        }
        return since;
    }

    private static @Nullable String text(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }

    private static <T> T answer(CompletionStage<T> asked) {
        try {
            return asked.toCompletableFuture().orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof InboxAway away) {
                throw away;
            }
            throw new InboxAway("Redis did not answer", e);
        }
    }
}
