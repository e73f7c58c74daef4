package io.switchboard.operator;

import io.switchboard.runtime.AppsFlags;
import io.switchboard.runtime.Cli;
import io.switchboard.runtime.KafkaFlags;
import io.switchboard.runtime.Lifecycle;
import io.switchboard.runtime.Unusable;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Position;
import io.switchboard.schemas.Receipt;
import io.switchboard.schemas.Topics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Events and receipts, as they come.
@Command(
        name = "tail",
        mixinStandardHelpOptions = true,
        description = "Shows events and receipts as they come, until Ctrl-C.")
final class TailCommand implements Callable<Integer> {
    private static final String FORM = "%-12s  %-12s  %-16s  %-20s  %s";

    @Mixin private KafkaFlags kafka = new KafkaFlags();
    @Mixin private AppsFlags appsFlags = new AppsFlags();
    @Mixin private AddressFlags meant = new AddressFlags();
    @Mixin private Print print = new Print();

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "From then on, not from now: RFC 3339, or a span before now as 10m.")
    private @Nullable String since;

    @Option(names = "--count", paramLabel = "N", description = "Ends after N lines.")
    private long count = Long.MAX_VALUE;

    private Sighting.@Nullable Reader events;

    @Override
    public Integer call() {
        meant.address();
        try (var lifecycle = new Lifecycle();
                var link = new KafkaLink(kafka)) {
            events = new Sighting.Reader(link.events(), OperatorFiles.appsIfAny(appsFlags), null);
            var reader = link.reader();
            var partitions = new ArrayList<TopicPartition>();
            partitions.addAll(reader.partitions(kafka.eventsTopic()));
            partitions.addAll(reader.partitions(Topics.RECEIPTS));
            var from =
                    since == null
                            ? reader.ends(partitions)
                            : reader.at(partitions, Moments.parse("--since", since, Instant.now()));
            if (count < 1) {
                throw new Unusable("--count: %d (expected: 1 or more)".formatted(count));
            }
            print.line(FORM.formatted("TIME (UTC)", "WHAT", "POSITION", "EVENT", "FOR"));
            lifecycle.open(reader::wakeUp);
            reader.follow(from, this::show);
            return Cli.DONE;
        }
    }

    private boolean show(ConsumerRecord<byte[], byte[]> record) {
        if (record.topic().equals(Topics.RECEIPTS)) {
            showReceipt(record);
        } else if (events != null) {
            showEvents(events.read(record));
        }
        return count > 0;
    }

    private void showEvents(Sighting record) {
        for (var event : record.events()) {
            if (!meant.matches(event.address())) {
                continue;
            }
            boolean first = record.origin() == null || record.origin().first() == null;
            line(
                    record.time(),
                    first ? "produced" : record.kind(),
                    record.at(),
                    event.id(),
                    event.address(),
                    "");
        }
    }

    private void showReceipt(ConsumerRecord<byte[], byte[]> record) {
        Receipt receipt;
        try {
            receipt = Receipt.decode(record.value());
        } catch (IllegalArgumentException _) {
            return;
        }
        if (meant.matches(receipt.address())) {
            line(
                    receipt.at(),
                    receipt.kind().word(),
                    receipt.position(),
                    receipt.id(),
                    receipt.address(),
                    receipt.error() == null ? "" : receipt.error().msg());
        }
    }

    private void line(
            Instant time,
            String what,
            @Nullable Position position,
            String event,
            @Nullable Address address,
            String why) {
        count--;
        print.line(
                FORM.formatted(
                                Moments.time(time).substring(11),
                                what,
                                position == null ? "" : position,
                                Print.safe(event),
                                address == null ? "?" : address)
                        + (why.isEmpty() ? "" : "  " + why));
        var node = Json.object().put("at", time.toString()).put("what", what).put("event", event);
        if (position != null) {
            node.put("pos", position.toString());
        }
        if (address != null) {
            node.put("address", address.toString());
        }
        if (!why.isEmpty()) {
            node.put("why", why);
        }
        print.object(node);
    }
}
