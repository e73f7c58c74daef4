package io.switchboard.inbox;

import io.switchboard.inbox.Append.Verdict;
import io.switchboard.inbox.AppendAnswer.Outcome;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.ReceiptLevel;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `append` as its function reads and answers it.
final class AppendCodec {
    private AppendCodec() {}

    /// How many numbers each has, but for caps.
    private static final int OF_BATCH = 7;

    private static final int OF_RECORD = 11;

    /// How many entries, or bytes of frames, an address may hold.
    private record Caps(int entries, int bytes) {}

    static void pack(Append batch, String generation, RedisArguments into) {
        var init = batch.init();
        into.bytes(numbers(batch)).text(init == null ? null : init.token()).text(generation);
        batch.records().forEach(each -> pack(each, into));
    }

    /// One argument for all: each costs Redis more than ten numbers in it.
    private static byte[] numbers(Append batch) {
        var init = batch.init();
        var caps =
                batch.caps()
                        ? batch.records().stream().map(AppendCodec::caps).distinct().toList()
                        : List.<Caps>of();
        var into =
                new MessagePackNumbers(
                        OF_BATCH + 2 * caps.size() + OF_RECORD * batch.records().size());
        into.add(batch.prev())
                .add(batch.end())
                .add(batch.recordTime())
                .add(batch.acksOffset())
                .add(init == null ? 0 : init.base())
                .add(batch.drains() ? 1 : 0)
                .add(caps.size());
        caps.forEach(each -> into.add(each.entries).add(each.bytes));
        batch.records().forEach(each -> numbers(each, caps.indexOf(caps(each)) + 1, into));
        return into.bytes();
    }

    private static Caps caps(Append.Record record) {
        return new Caps(record.capEntries(), record.capBytes());
    }

    private static void numbers(Append.Record record, int caps, MessagePackNumbers into) {
        int ids = record.ids().size();
        int letters = record.letterIds().size();
        var releases = record.releases();
        into.add(record.offset())
                .add(number(record.verdict()))
                .add(record.expiry())
                .add(record.frame().length)
                .add(record.receipts() == ReceiptLevel.ALL ? 1 : 0)
                .add(caps)
                .add(ids + letters + (record.origin() == null ? 0 : 1))
                .add(ids)
                .add(letters)
                .add(releases == null ? -1 : releases)
                .add(record.verdict() instanceof Verdict.Delay(long due) ? due : -1);
    }

    private static void pack(Append.Record record, RedisArguments into) {
        into.text(record.address()).bytes(entry(record));
        record.ids().forEach(into::text);
        record.letterIds().forEach(into::text);
        var origin = record.origin();
        if (origin != null) {
            into.text(pack(origin));
        }
    }

    private static char level(Append.Record record) {
        return record.receipts().name().charAt(0);
    }

    /// As it is stored, but for `prev`, which only the shard knows.
    private static byte[] entry(Append.Record record) {
        var event = record.eventId().getBytes(StandardCharsets.UTF_8);
        var head =
                (record.expiry() + " " + level(record) + " " + event.length + " ")
                        .getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(head.length + event.length + record.frame().length)
                .put(head)
                .put(event)
                .put(record.frame())
                .array();
    }

    static String pack(Append.OriginFence origin) {
        return origin.offset() + " " + origin.index() + " " + origin.source();
    }

    private static int number(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Store _ -> 0;
            case Verdict.Delay _ -> 1;
            case Verdict.Drop _ -> 2;
            case Verdict.Pass _ -> 3;
        };
    }

    static AppendAnswer read(Append batch, RedisReply reply) {
        return switch (reply.text()) {
            case "behind" -> new AppendAnswer.Behind(reply.numberOrNull());
            case "acks" -> new AppendAnswer.AcksBehind(reply.number());
            default -> appended(batch, reply);
        };
    }

    private static AppendAnswer.Appended appended(Append batch, RedisReply reply) {
        long fence = reply.number();
        long floor = reply.number();
        var generation = reply.text();
        long acksApplied = reply.number();
        boolean left = reply.flag();
        var said = reply.list();
        var outcomes = new ArrayList<Outcome>(batch.records().size());
        for (var each : batch.records()) {
            outcomes.add(outcome(each, said));
        }
        return new AppendAnswer.Appended(
                fence, floor, generation, acksApplied, outcomes, outbox(reply.list()), left);
    }

    private static Outcome outcome(Append.Record record, RedisReply said) {
        if (said.isNumber()) {
            return new Outcome(
                    Outcome.Kind.STORED, said.number(), said.edges(), null, record.expiry());
        }
        var kind = said.text();
        return switch (kind) {
            case "F" -> asItWasStored(said);
            case "G" ->
                    new Outcome(Outcome.Kind.GONE, said.number(), List.of(), null, record.expiry());
            case "D" -> new Outcome(Outcome.Kind.DELAYED, -1, List.of(), null, 0);
            case "P" -> new Outcome(Outcome.Kind.PASSED, -1, List.of(), null, 0);
            case "R" -> new Outcome(Outcome.Kind.REPEAT, -1, List.of(), null, 0);
            default ->
                    throw new IllegalStateException(
                            "outcome: '%s' (expected: a number, or one of FGDPR)".formatted(kind));
        };
    }

    private static Outcome asItWasStored(RedisReply said) {
        long prev = said.number();
        var edges = said.edges();
        long expiry = Long.parseLong(said.text());
        return new Outcome(Outcome.Kind.STORED, prev, edges, said.bytes(), expiry);
    }

    private static List<OutboxEntry> outbox(RedisReply waiting) {
        var entries = new ArrayList<OutboxEntry>();
        while (waiting.hasMore()) {
            var id = waiting.text();
            entries.add(entry(id, Long.parseLong(waiting.text())));
        }
        return entries;
    }

    /// `E <offset> <kind> <at> <address> <event id>` or `M <address>[|agent] <acked> <settled>
    /// <gone>`.
    private static OutboxEntry entry(String id, long offset) {
        if (id.startsWith("E ")) {
            var parts = id.split(" ", 6);
            return new OutboxEntry.Ended(
                    id,
                    Long.parseLong(parts[1]),
                    OutboxEntry.Kind.valueOf(parts[2]),
                    Address.parse(parts[4]),
                    parts[5],
                    Long.parseLong(parts[3]));
        }
        var parts = id.split(" ", 5);
        var bar = parts[1].indexOf('|');
        return new OutboxEntry.Moved(
                id,
                offset,
                Address.parse(bar < 0 ? parts[1] : parts[1].substring(0, bar)),
                agent(parts[1], bar),
                Long.parseLong(parts[2]),
                Long.parseLong(parts[3]),
                Long.parseLong(parts[4]));
    }

    private static @Nullable String agent(String mover, int bar) {
        return bar < 0 ? null : mover.substring(bar + 1);
    }
}
