package io.switchboard.operator;

import io.switchboard.inbox.Leases;
import io.switchboard.runtime.Cli;
import io.switchboard.runtime.RedisFlags;
import io.switchboard.schemas.Json;
import java.time.Instant;
import java.util.Comparator;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// Every edge node that lives.
@Command(
        name = "edges",
        mixinStandardHelpOptions = true,
        description =
                "Every edge node that holds a lease: where browsers connect, where it is asked, its connections; its health, where its admin port can be reached from here.")
final class EdgesCommand implements Callable<Integer> {
    @Mixin private RedisFlags redis = new RedisFlags();
    @Mixin private Print print = new Print();

    @Override
    public Integer call() {
        try (var shards = new RedisLink(redis);
                var admin = new EdgeAdmin()) {
            var table =
                    Table.of(
                            "EDGE",
                            "SINCE (UTC)",
                            "BROWSERS CONNECT TO",
                            "ADMIN",
                            ">CONNECTIONS",
                            "STATE");
            var leases =
                    shards.get(shards.leases().all()).stream()
                            .sorted(Comparator.comparing(each -> each.edge().id()))
                            .toList();
            for (var lease : leases) {
                show(lease, admin.ask(lease.notice()), table);
            }
            if (leases.isEmpty()) {
                print.line("No edge node holds a lease.");
            } else {
                print.table(table);
            }
            return Cli.DONE;
        }
    }

    private void show(Leases.Lease lease, EdgeAdmin.Said said, Table table) {
        // An incarnation is the time at which it began, unless clocks went back.
        var since = Instant.ofEpochMilli(lease.edge().incarnation());
        var notice = lease.notice();
        var admin = EdgeAdmin.admin(notice);
        var connections = said.connections();
        table.row(
                lease.edge().id(),
                Moments.time(since).substring(0, 19),
                notice.url(),
                admin.isEmpty() ? "-" : admin,
                connections.isPresent() ? connections.getAsLong() : "?",
                said.state());
        var node =
                Json.object()
                        .put("edge", lease.edge().id())
                        .put("incarnation", lease.edge().incarnation())
                        .put("since", since.toString())
                        .put("address", notice.url())
                        .put("admin", admin.isEmpty() ? null : admin);
        connections.ifPresent(count -> node.put("connections", count));
        print.object(node.put("draining", notice.draining()).put("state", said.state()));
    }
}
