package io.switchboard.operator;

import io.switchboard.runtime.EventsTopic;
import io.switchboard.runtime.Unusable;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Position;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which part of the events topic is meant: one lane's positions, or all lanes' times.
final class ReplayRange {
    @Option(
            names = "--from",
            paramLabel = "POS",
            description = "From this position on; its lane only.")
    private @Nullable String from;

    @Option(
            names = "--to",
            paramLabel = "POS",
            description = "Through this position; what is there now, otherwise.")
    private @Nullable String to;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description =
                    "Written then or later, in all lanes: RFC 3339, or a span before now as 2h.")
    private @Nullable String since;

    @Option(names = "--until", paramLabel = "TIME", description = "Written before then.")
    private @Nullable String until;

    /// Ranges that do not move while copies are added behind them.
    List<LogReader.Range> resolve(
            EventsTopic topic, @Nullable Address address, LogReader reader, Instant now) {
        if ((from == null) == (since == null)) {
            throw new Unusable(
                    "%s of --from and --since (expected: one)"
                            .formatted(from == null ? "neither" : "both"));
        }
        if (from != null) {
            return List.of(positions(topic, from, reader));
        }
        if (to != null) {
            throw new Unusable("--to: beside --since (expected: --until TIME)");
        }
        var partitions =
                address == null
                        ? IntStream.range(0, topic.partitions())
                                .mapToObj(each -> new TopicPartition(topic.name(), each))
                                .toList()
                        : partitionsOf(topic, address, now);
        var begin =
                reader.at(
                        partitions,
                        Moments.parse("--since", java.util.Objects.requireNonNull(since), now));
        var end =
                until == null
                        ? reader.ends(partitions)
                        : reader.at(partitions, Moments.parse("--until", until, now));
        return LogReader.ranges(partitions, begin, end);
    }

    private LogReader.Range positions(EventsTopic topic, String start, LogReader reader) {
        if (until != null) {
            throw new Unusable("--until: beside --from (expected: --to POS)");
        }
        var first = position("--from", start, topic);
        var partition = new TopicPartition(topic.name(), first.partition());
        var there = reader.all(List.of(partition)).getFirst();
        long end = there.to();
        if (to != null) {
            var last = position("--to", to, topic);
            if (last.partition() != first.partition()) {
                throw new Unusable(
                        "--to: '%s' (expected: in lane %s, as --from)".formatted(to, first.lane()));
            }
            end = Math.min(end, last.offset() + 1);
        }
        return new LogReader.Range(partition, Math.max(there.from(), first.offset()), end);
    }

    static Position position(String flag, String text, EventsTopic topic) {
        var position = AddressFlags.parsed(flag, text, Position::parse);
        if (!position.tag().equals(topic.tag()) || position.partition() >= topic.partitions()) {
            throw new Unusable(
                    "%s: '%s' (expected: a position of the present topic '%s', %s.<0 to %d>.<offset>)"
                            .formatted(
                                    flag, text, topic.name(), topic.tag(), topic.partitions() - 1));
        }
        return position;
    }

    private static List<TopicPartition> partitionsOf(
            EventsTopic topic, Address address, Instant now) {
        return topic.lanesOf(address, now).stream()
                .map(each -> new TopicPartition(topic.name(), each.partition()))
                .toList();
    }

    /// Where copies of a range's events can lie: behind its start.
    static List<LogReader.Range> behind(List<LogReader.Range> ranges, LogReader reader) {
        var partitions = ranges.stream().map(LogReader.Range::partition).toList();
        Map<TopicPartition, Long> from = new HashMap<>();
        ranges.forEach(each -> from.put(each.partition(), each.from()));
        return LogReader.ranges(partitions, from, reader.ends(partitions));
    }
}
