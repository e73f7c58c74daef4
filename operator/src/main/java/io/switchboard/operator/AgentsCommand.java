package io.switchboard.operator;

import io.switchboard.inbox.InboxInspection.AddressView;
import io.switchboard.inbox.InboxInspection.Page;
import io.switchboard.inbox.Leases;
import io.switchboard.runtime.Cli;
import io.switchboard.runtime.KafkaFlags;
import io.switchboard.runtime.RedisFlags;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Who is online where, and who has how much unread.
@Command(
        name = "agents",
        mixinStandardHelpOptions = true,
        description =
                "Who is online, where, since when; how much is unread and since when. Reads every address that Redis remembers.")
final class AgentsCommand implements Callable<Integer> {
    @Mixin private KafkaFlags kafka = new KafkaFlags();
    @Mixin private RedisFlags redis = new RedisFlags();
    @Mixin private Print print = new Print();

    @Option(names = "--app", paramLabel = "APP", description = "Of this app only.")
    private @Nullable String app;

    @Option(names = "--online", description = "Only who is online.")
    private boolean online;

    @Option(names = "--unread", description = "Only who has something unread.")
    private boolean unread;

    @Option(names = "--shared", description = "The inboxes of roles and apps as well.")
    private boolean shared;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "100",
            description =
                    "The first N only (${DEFAULT-VALUE}), those with the oldest unread first; 0: all.")
    private int limit = 100;

    @Override
    public Integer call() {
        try (var link = new KafkaLink(kafka);
                var shards = new RedisLink(redis)) {
            var living =
                    shards.get(shards.leases().all()).stream()
                            .map(Leases.Lease::edge)
                            .collect(Collectors.toSet());
            var found = meant(link, shards, living);
            var presence = PresenceBook.read(link);
            var shown = limit == 0 ? found : found.subList(0, Math.min(limit, found.size()));
            var now = Instant.now();
            var table = Table.of("ADDRESS", "ONLINE AT", "SINCE (UTC)", ">UNREAD", ">OLDEST");
            for (var each : shown) {
                show(
                        each,
                        edges(each, living),
                        presence.of(each.address(), edges(each, living)),
                        now,
                        table);
            }
            if (found.isEmpty()) {
                print.line(nobody());
            } else {
                print.table(table);
                if (shown.size() < found.size()) {
                    print.line(
                            "%d of %d (--limit 0 shows all)".formatted(shown.size(), found.size()));
                }
            }
            return Cli.DONE;
        }
    }

    private String nobody() {
        var whoever = app == null ? "Nobody" : "Nobody of app '%s'".formatted(app);
        if (online) {
            return whoever + (unread ? " is online with anything unread." : " is online.");
        }
        return whoever + (unread ? " has anything unread." : " is online or has anything unread.");
    }

    private void show(
            AddressView each,
            List<EdgeRef> edges,
            Findings.@Nullable Presence presence,
            Instant now,
            Table table) {
        // What was heard last counts only while it agrees with where the agent is registered.
        var since =
                presence != null && presence.online() != edges.isEmpty() ? presence.since() : null;
        var oldest = each.oldest();
        table.row(
                each.address(),
                edges.isEmpty() ? "-" : String.join(" ", edges.stream().map(EdgeRef::id).toList()),
                since == null ? "-" : Moments.time(since).substring(0, 19),
                each.unread(),
                oldest == null ? "-" : Moments.span(Duration.between(oldest.sent(), now)));
        var node =
                Json.object()
                        .put("address", each.address().toString())
                        .put("online", !edges.isEmpty());
        var names = node.putArray("edges");
        edges.forEach(edge -> names.add(edge.id()));
        print.object(
                node.put("since", since == null ? null : since.toString())
                        .put("unread", each.unread())
                        .put("oldest_unread", oldest == null ? null : oldest.sent().toString())
                        .put("oldest_unread_id", oldest == null ? null : oldest.eventId()));
    }

    private List<EdgeRef> edges(AddressView view, Set<EdgeRef> living) {
        return view.edges().stream().filter(living::contains).toList();
    }

    private List<AddressView> meant(KafkaLink link, RedisLink shards, Set<EdgeRef> living) {
        Map<String, AddressView> found = new TreeMap<>();
        var topic = link.events();
        for (int lane = 0; lane < topic.partitions(); lane++) {
            var cursor = Page.START;
            do {
                var page = shards.get(shards.inspection().addresses(topic.lane(lane), cursor));
                page.addresses().stream()
                        .filter(each -> isMeant(each, living))
                        .forEach(each -> found.put(each.address().toString(), each));
                cursor = page.cursor();
            } while (!cursor.equals(Page.START));
        }
        return found.values().stream()
                .sorted(
                        Comparator.comparing(
                                each -> each.oldest() == null ? Instant.MAX : each.oldest().sent()))
                .toList();
    }

    private boolean isMeant(AddressView each, Set<EdgeRef> living) {
        boolean isOnline = !edges(each, living).isEmpty();
        return (shared || each.address() instanceof Address.Agent)
                && (app == null || each.address().app().equals(app))
                && (isOnline || each.unread() > 0)
                && (!online || isOnline)
                && (!unread || each.unread() > 0);
    }
}
