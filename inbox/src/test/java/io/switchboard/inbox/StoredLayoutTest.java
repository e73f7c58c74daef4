package io.switchboard.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.inbox.Append.Verdict;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.LaneId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What Redis holds, byte for byte. Two releases side by side on one Redis each run a function
/// library of their own, on the same keys: they must mean the same by them.
///
/// When this fails, either the change is not meant, or a release that is rolled out beside the
/// last one would misread its neighbour's keys. Then raise [RedisLibrary#LAYOUT], which gives the
/// new release keys of its own, and write the file of the new number (it is in the failure).
class StoredLayoutTest {
    private static final Address ADA = new Address.Agent("desk", "ada");
    private static final Address ROLE = new Address.Role("desk", "night-shift");
    private static final long LATER = TestClock.START + 600_000;

    /// Whole: values in hex, what is random (the generation) left out.
    private static final String DUMP =
            """
            local function hex(s)
                return (string.gsub(s, '.', function(c) return string.format('%02x', string.byte(c)) end))
            end
            local lines = {}
            local keys = redis.call('KEYS', '*')
            table.sort(keys)
            for _, key in ipairs(keys) do
                local kind = redis.call('TYPE', key).ok
                local values = {}
                if kind == 'hash' then
                    local raw = redis.call('HGETALL', key)
                    for i = 1, #raw, 2 do
                        if raw[i] ~= 'generation' then
                            values[#values + 1] = raw[i] .. '=' .. hex(raw[i + 1])
                        end
                    end
                    table.sort(values)
                elseif kind == 'zset' then
                    local raw = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
                    for i = 1, #raw, 2 do
                        values[#values + 1] = raw[i + 1] .. '=' .. hex(raw[i])
                    end
                elseif kind == 'stream' then
                    for _, each in ipairs(redis.call('XRANGE', key, '-', '+')) do
                        values[#values + 1] = each[1] .. ' ' .. each[2][1] .. '=' .. hex(each[2][2])
                    end
                else
                    values[1] = hex(redis.call('GET', key))
                end
                for _, each in ipairs(values) do
                    lines[#lines + 1] = key .. ' ' .. each
                end
            end
            return { ok = table.concat(lines, '~') }
            """;

    private static final String AS_FORMER_RELEASES =
            """
            local box = { cmsgpack.unpack(redis.call('HGET', ARGV[1], ARGV[2])) }
            redis.call('HSET', ARGV[1], ARGV[2], cmsgpack.pack(unpack(box, 1, 16)))
            return { ok = 'OK' }
            """;

    @Test
    void whatIsStored_isAsItsLayoutSays() throws IOException {
        var clock = new TestClock();
        try (var redis = RedisProcess.launch();
                var inbox =
                        new RedisInbox(redis.connection(), () -> Long.toString(clock.millis()))) {
            live(new TestLane(inbox, new LaneId("tagtag", 5)), clock);
            live(new RedisLeases(redis.connection(), () -> Long.toString(clock.millis())));

            var stored = redis.command("EVAL", DUMP, "0").substring(1).replace('~', '\n') + "\n";

            assertThat(stored).isEqualTo(golden());
        }
    }

    /// They do not say which entries owe a receipt: a box that one of them saved last owes what its
    /// entries say.
    @Test
    void boxAsFormerReleasesSaveIt_owesTheReceiptsOfItsEntries() {
        var clock = new TestClock();
        try (var redis = RedisProcess.launch();
                var inbox =
                        new RedisInbox(redis.connection(), () -> Long.toString(clock.millis()))) {
            var lane = new TestLane(inbox, new LaneId("tagtag", 5)).started();
            lane.store(event(0, ADA), event(1, ADA));
            redis.command("EVAL", AS_FORMER_RELEASES, "0", "sb:{5}:tagtag:at", "agent:desk/ada");

            lane.ack(ADA, 1);

            assertThat(lane.beat().outbox())
                    .filteredOn(OutboxEntry.Ended.class::isInstance)
                    .extracting(OutboxEntry::offset)
                    .containsExactly(0L, 1L);
        }
    }

    /// Something of everything that a shard remembers.
    private static void live(TestLane lane, TestClock clock) {
        lane.restore(
                "token",
                List.of(lane.position(ADA, 1, 1)),
                List.of(new Append.OriginFence("tagtag.2", 7, 1)),
                List.of(new Inbox.SeenId("old", false, 1, TestClock.START)));
        lane.prev = 1;
        lane.initialised("token", 0);
        lane.store(
                event(2, ADA).ids("desk|agent:desk/ada|x"),
                event(3, ADA),
                event(4, ADA).verdict(new Verdict.Drop()),
                event(5, ROLE).origin("tagtag.2", 8, 0),
                event(6, ADA).verdict(new Verdict.Delay(LATER)),
                event(7, ADA).letters("tagtag.5.1.0"),
                event(8, ADA).expiry(TestClock.START + 1_000));
        lane.attach(ADA);
        lane.attach(ROLE, "ada", null);
        lane.ack(ADA, 2);
        lane.ack(ROLE, "ada", 5);
        clock.pass(Duration.ofSeconds(2));
        lane.sweep();
    }

    /// Leases, and the facts of the whole cluster.
    private static void live(Leases leases) {
        leases.nextIncarnation("edge-1").toCompletableFuture().join();
        var notice = new EdgeNotice("ws://h:9081/ws", "http://h:9181", 5, true, 8);
        leases.take(new EdgeRef("edge-1", 7), notice, Duration.ofSeconds(3))
                .toCompletableFuture()
                .join();
        leases.laneCount("tagtag", 8).toCompletableFuture().join();
        leases.janitor("dispatcher-1", Duration.ofSeconds(3)).toCompletableFuture().join();
    }

    private static TestRecord event(long offset, Address address) {
        return TestRecord.of(offset, address)
                .event("e" + offset)
                .frame("frame " + offset)
                .expiry(LATER);
    }

    private static String golden() throws IOException {
        var file = "layout-%d.txt".formatted(RedisLibrary.LAYOUT);
        try (var in = StoredLayoutTest.class.getResourceAsStream(file)) {
            return in == null
                    ? "a file " + file
                    : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
