package io.switchboard.operator;

import io.switchboard.inbox.Leases;
import io.switchboard.runtime.Cli;
import io.switchboard.runtime.RedisFlags;
import io.switchboard.schemas.Json;
import java.time.Instant;
import java.util.Comparator;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// Every edge node that lives.
@Command(
        name = "edges",
        mixinStandardHelpOptions = true,
        description =
                "Every edge node that holds a lease; its connections and health, where its admin port (100 above its own) can be reached from here.")
final class EdgesCommand implements Callable<Integer> {
    @Mixin private RedisFlags redis = new RedisFlags();
    @Mixin private Print print = new Print();

    @Override
    public Integer call() {
        try (var shards = new RedisLink(redis);
                var admin = new EdgeAdmin()) {
            var table =
                    Table.of("EDGE", "SINCE (UTC)", "BROWSERS CONNECT TO", ">CONNECTIONS", "STATE");
            var leases =
                    shards.get(shards.leases().all()).stream()
                            .sorted(Comparator.comparing(each -> each.edge().id()))
                            .toList();
            for (var lease : leases) {
                show(lease, admin.ask(lease.address()), table);
            }
            if (leases.isEmpty()) {
                print.line("No edge node holds a lease.");
            } else {
                print.table(table);
            }
            return Cli.DONE;
        }
    }

    private void show(Leases.Lease lease, EdgeAdmin.@Nullable Said said, Table table) {
        // An incarnation is the time at which it began, unless clocks went back.
        var since = Instant.ofEpochMilli(lease.edge().incarnation());
        var connections = said == null ? OptionalLong.empty() : said.connections();
        table.row(
                lease.edge().id(),
                Moments.time(since).substring(0, 19),
                lease.address(),
                connections.isPresent() ? connections.getAsLong() : "?",
                said == null ? "lease held" : said.state());
        var node =
                Json.object()
                        .put("edge", lease.edge().id())
                        .put("incarnation", lease.edge().incarnation())
                        .put("since", since.toString())
                        .put("address", lease.address());
        connections.ifPresent(count -> node.put("connections", count));
        print.object(node.put("state", said == null ? "unknown" : said.state()));
    }
}
