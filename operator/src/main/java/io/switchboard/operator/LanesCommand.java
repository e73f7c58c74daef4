package io.switchboard.operator;

import io.switchboard.runtime.Cli;
import io.switchboard.runtime.KafkaFlags;
import io.switchboard.runtime.RedisFlags;
import io.switchboard.schemas.CommitMarker;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// Every lane: who has it, how far it has come.
@Command(
        name = "lanes",
        mixinStandardHelpOptions = true,
        description =
                "Every lane: who has it, how far behind it is, where a rebuild would begin. Exit code 1 when a lane has no owner, no fence, or a fence beyond its log.")
final class LanesCommand implements Callable<Integer> {
    @Mixin private KafkaFlags kafka = new KafkaFlags();
    @Mixin private RedisFlags redis = new RedisFlags();
    @Mixin private GroupFlags group = new GroupFlags();
    @Mixin private Print print = new Print();

    @Override
    public Integer call() {
        try (var link = new KafkaLink(kafka);
                var shards = new RedisLink(redis)) {
            var rows = rows(link, shards);
            var now = Instant.now();
            var table =
                    Table.of(
                            ">LANE",
                            "OWNER",
                            ">END",
                            ">FENCE",
                            ">COMMITTED",
                            ">LAG",
                            ">BEHIND",
                            ">FLOOR",
                            ">OPEN",
                            "NOTE");
            for (var row : rows) {
                table.row(
                        row.lane(),
                        row.owner() == null ? "-" : row.owner(),
                        row.end(),
                        row.shard().fence() == null ? "-" : row.shard().fence(),
                        row.committed() == null ? "-" : row.committed(),
                        row.lag(),
                        row.behind(now),
                        row.shard().fence() == null ? "-" : row.shard().floor(),
                        row.shard().open(),
                        row.note());
                print.object(row.json(now));
            }
            print.table(table);
            return rows.stream().allMatch(LaneRow::healthy) ? Cli.DONE : Cli.FAILED;
        }
    }

    private List<LaneRow> rows(KafkaLink link, RedisLink shards) {
        var topic = link.events();
        var partitions = link.reader().partitions(topic.name());
        var dispatchers = new Dispatchers(link, group.name());
        var owners = dispatchers.owners();
        Map<TopicPartition, OffsetAndMetadata> commits = dispatchers.commits();
        // Fences first: what is written meanwhile must not look like a fence beyond the end.
        var views =
                partitions.stream()
                        .map(each -> topic.lane(each.partition()))
                        .map(shards.inspection()::lane)
                        .toList();
        var fences = views.stream().map(shards::get).toList();
        var ends = link.reader().ends(partitions);
        var rows = new ArrayList<LaneRow>();
        for (int i = 0; i < partitions.size(); i++) {
            var partition = partitions.get(i);
            var shard = fences.get(i);
            var commit = commits.get(partition);
            long end = ends.getOrDefault(partition, 0L);
            long next = shard.fence() == null ? end : shard.fence() + 1;
            rows.add(
                    new LaneRow(
                            topic.lane(partition.partition()),
                            owners.get(partition),
                            end,
                            shard,
                            commit == null ? null : commit.offset(),
                            commit == null ? null : CommitMarker.decode(commit.metadata()),
                            writtenAt(link.reader(), partition, next, end)));
        }
        return rows;
    }

    private static @Nullable Instant writtenAt(
            LogReader reader, TopicPartition partition, long next, long end) {
        if (next >= end) {
            return null;
        }
        var first = new ArrayList<Instant>();
        reader.read(
                List.of(new LogReader.Range(partition, next, end)),
                record -> {
                    first.add(Instant.ofEpochMilli(record.timestamp()));
                    return false;
                });
        return first.isEmpty() ? null : first.getFirst();
    }
}
