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

    /// Its lane has not come to it, or will republish it into another.
    private static final String NOT_STORED = "not-stored";

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
        var lanes = topic.get().lanesOf(agent, Instant.now());
        var views = lanes.stream().map(each -> answer(inboxes.address(each, agent))).toList();
        var view = views.getLast();
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
        body.put("unread", unread(views));
        int first = firstUnread(views);
        var oldest = views.get(first).oldest();
        if (oldest == null) {
            return body.putNull("oldest_unread");
        }
        body.putObject("oldest_unread")
                .put("id", oldest.eventId())
                .put("pos", lanes.get(first).position(oldest.offset()).toString())
                .put("at", oldest.sent().toString())
                .put("expires", oldest.expiry().toString());
        return body;
    }

    /// Where an event stands. Its state is `not-stored` (its lane has not come to it), `unread`,
    /// `acknowledged` or, once it is neither any more, `ended`: it expired or was dropped.
    ObjectNode standing(Address address, Position position) {
        var lanes = topic.get().lanesOf(address, Instant.now());
        var views = lanes.stream().map(each -> answer(inboxes.address(each, address))).toList();
        int own = lanes.indexOf(position.lane());
        var view = views.getLast();
        var names = Json.MAPPER.createArrayNode();
        leasesOf(view).forEach(lease -> names.add(lease.edge().id()));
        var body =
                Json.object()
                        .put(
                                "state",
                                own < 0 ? NOT_STORED : state(position.offset(), views.get(own)))
                        .put("online", !names.isEmpty());
        body.set("edges", names);
        int first = firstUnread(views);
        var oldest = views.get(first).oldest();
        return body.put("unread", unread(views))
                .put(
                        "oldest_unread",
                        oldest == null
                                ? null
                                : lanes.get(first).position(oldest.offset()).toString());
    }

    /// An address lies in several lanes while something may wait where it lay before they grew.
    private static long unread(List<AddressView> views) {
        return views.stream().mapToLong(AddressView::unread).sum();
    }

    private static int firstUnread(List<AddressView> views) {
        int at = 0;
        while (at < views.size() - 1 && views.get(at).oldest() == null) {
            at++;
        }
        return at;
    }

    private static String state(long offset, AddressView view) {
        if (offset > view.top()) {
            return NOT_STORED;
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
