package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.switchboard.inbox.Append;
import io.switchboard.inbox.Inbox;
import io.switchboard.inbox.RedisInbox;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.ReceiptLevel;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/// Records a second of Redis's own processor time: our function with all its rules, against a
/// script that does per record only what any inbox must, HMGET, XADD and HSET. One lane, one call
/// under way, every address with one edge that listens.
final class Appending implements Case {
    private static final int ADDRESSES = 2_000;
    private static final long TO_ACKNOWLEDGE = ADDRESSES * 50L;
    private static final int FRAME_BYTES = 250;
    private static final long LIFE_MILLIS = Duration.ofDays(3).toMillis();
    private static final EdgeRef EDGE = new EdgeRef("edge-1", 1);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final String BARE =
            """
            local at = KEYS[1]
            for i = 2, #ARGV, 2 do
              local offset = ARGV[1] + i
              local before = redis.call('HMGET', at, ARGV[i], 'fence')
              redis.call('XADD', at .. ARGV[i], offset .. '-1', 'f', ARGV[i + 1], 'p', before[1] or '-1')
              redis.call('HSET', at, ARGV[i], offset)
            end
            return #ARGV
            """;

    private record Speed(double aCpuSecond, double aSecond, double callMillis) {}

    /// One call.
    private interface Batch {
        /// @return records in it; 0: there are no more
        int call(long number) throws Exception;
    }

    @Override
    public String name() {
        return "append";
    }

    @Override
    public String what() {
        return "records per second of Redis's processor, against batch size, beside a bare script; and acks";
    }

    @Override
    public boolean run(Options options, Result result) throws Exception {
        var table = new ArrayList<List<String>>();
        table.add(
                List.of(
                        "records/s of Redis CPU, median of " + options.runs(),
                        "bare",
                        "append",
                        "ratio",
                        "with ids",
                        "ratio",
                        "ms a call",
                        "ack"));
        try (var rig = Rig.start(options.rig())) {
            var redis = rig.startRedis();
            try (var inbox = RedisInbox.connect(List.of(redis.url()));
                    var wire = new RedisWire(redis.port())) {
                var measured = new Measured(rig, inbox, wire, options.length());
                for (int size : options.ratesOr(1, 10, 100)) {
                    table.add(measured.at(size, options.runs(), result));
                }
            }
        }
        result.table(table);
        return true;
    }

    private static final class Measured {
        private final Rig rig;
        private final Inbox inbox;
        private final RedisWire wire;
        private final Duration length;
        private final SplittableRandom random = new SplittableRandom(1);
        private int lanes;

        Measured(Rig rig, Inbox inbox, RedisWire wire, Duration length) {
            this.rig = rig;
            this.inbox = inbox;
            this.wire = wire;
            this.length = length;
        }

        List<String> at(int size, int runs, Result result) throws Exception {
            var bare = new ArrayList<Double>();
            var ours = new ArrayList<Double>();
            var withIds = new ArrayList<Double>();
            var ratios = new ArrayList<Double>();
            var ratiosWithIds = new ArrayList<Double>();
            var calls = new ArrayList<Double>();
            var acks = new ArrayList<Double>();
            for (int run = 1; run <= runs; run++) {
                var b = bare(size);
                var o = append(size, false);
                var i = append(size, true);
                var a = ack(size);
                bare.add(b.aCpuSecond);
                ours.add(o.aCpuSecond);
                withIds.add(i.aCpuSecond);
                acks.add(a.aCpuSecond);
                ratios.add(o.aCpuSecond / b.aCpuSecond);
                ratiosWithIds.add(i.aCpuSecond / b.aCpuSecond);
                calls.add(i.callMillis);
                result.add(
                        result.row()
                                .put("batch", size)
                                .put("run", run)
                                .put("bare_per_cpu_s", Math.round(b.aCpuSecond))
                                .put("append_per_cpu_s", Math.round(o.aCpuSecond))
                                .put("append_with_ids_per_cpu_s", Math.round(i.aCpuSecond))
                                .put("ack_per_cpu_s", Math.round(a.aCpuSecond))
                                .put("append_per_s", Math.round(o.aSecond))
                                .put("call_ms", Figures.round(o.callMillis))
                                .put("call_with_ids_ms", Figures.round(i.callMillis))
                                .put("ratio_to_bare", Figures.round(o.aCpuSecond / b.aCpuSecond))
                                .put(
                                        "ratio_to_bare_with_ids",
                                        Figures.round(i.aCpuSecond / b.aCpuSecond)));
            }
            return List.of(
                    "batches of " + size,
                    "%,.0f".formatted(Stack.median(bare)),
                    "%,.0f".formatted(Stack.median(ours)),
                    "%.2f".formatted(Stack.median(ratios)),
                    "%,.0f".formatted(Stack.median(withIds)),
                    "%.2f".formatted(Stack.median(ratiosWithIds)),
                    "%.2f".formatted(Stack.median(calls)),
                    "%,.0f".formatted(Stack.median(acks)));
        }

        private Speed bare(int size) throws Exception {
            wire.call("FLUSHALL", "SYNC");
            var sha = String.valueOf(wire.call("SCRIPT", "LOAD", BARE));
            var frame = "x".repeat(FRAME_BYTES).getBytes(UTF_8);
            return measure(
                    "evalsha",
                    number -> {
                        var command = new ArrayList<byte[]>();
                        for (var each :
                                List.of(
                                        "EVALSHA",
                                        sha,
                                        "1",
                                        "at",
                                        Long.toString(number * size * 2))) {
                            command.add(each.getBytes(UTF_8));
                        }
                        for (int i = 0; i < size; i++) {
                            command.add(address().key());
                            command.add(frame);
                        }
                        wire.call(command);
                        return size;
                    });
        }

        private Speed append(int size, boolean ids) throws Exception {
            wire.call("FLUSHALL", "SYNC");
            var lane = begin();
            return measure("fcall", number -> append(lane, number * size, size, ids));
        }

        /// Each ack ends something, and the measurement ends with what there was to acknowledge.
        private Speed ack(int size) throws Exception {
            wire.call("FLUSHALL", "SYNC");
            var lane = begin();
            for (long i = 0; i < TO_ACKNOWLEDGE / 100; i++) {
                append(lane, i * 100, 100, false);
            }
            // An address is acknowledged again after all others.
            return measure(
                    "fcall",
                    number -> {
                        var acks = new ArrayList<Inbox.Ack>();
                        if ((number + 1) * size > TO_ACKNOWLEDGE) {
                            return 0;
                        }
                        for (int i = 0; i < size; i++) {
                            long turn = number * size + i;
                            acks.add(
                                    new Inbox.Ack(
                                            agent((int) (turn % ADDRESSES)),
                                            null,
                                            turn / ADDRESSES * ADDRESSES + ADDRESSES));
                        }
                        inbox.ack(lane, acks)
                                .toCompletableFuture()
                                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                        return size;
                    });
        }

        private LaneId begin() throws Exception {
            var lane = new LaneId("bench0", lanes++);
            BareLane.begin(inbox, lane, PATIENCE);
            for (int i = 0; i < ADDRESSES; i++) {
                Answer.of(
                        inbox.attach(new Inbox.Attach(lane, agent(i), null, EDGE, i + 1, null, 1)),
                        PATIENCE);
            }
            return lane;
        }

        private int append(LaneId lane, long first, int size, boolean ids) throws Exception {
            var records = new ArrayList<Append.Record>();
            long now = now();
            for (long offset = first; offset < first + size; offset++) {
                records.add(record(offset, now, ids));
            }
            BareLane.append(
                    inbox,
                    new Append(
                            lane, first - 1, first + size - 1, records, now, 0, true, true, null),
                    PATIENCE);
            return size;
        }

        private Append.Record record(long offset, long now, boolean ids) {
            var address = address();
            return new Append.Record(
                    offset,
                    address,
                    "bench0.0." + offset,
                    new byte[FRAME_BYTES],
                    now + LIFE_MILLIS,
                    new Append.Verdict.Store(),
                    ReceiptLevel.FAILURES,
                    1_000,
                    1 << 20,
                    ids ? List.of("bench|" + address + "|id-" + offset) : List.of(),
                    List.of(),
                    null,
                    null);
        }

        private Speed measure(String command, Batch batch) throws Exception {
            wire.call("CONFIG", "RESETSTAT");
            long pid = rig.process("redis").pid();
            double cpu = Usage.cpuSeconds(pid);
            long begun = System.nanoTime();
            long end = begun + length.toNanos();
            long records = 0;
            int taken = 1;
            for (long number = 0; taken > 0 && System.nanoTime() < end; number++) {
                taken = batch.call(number);
                records += taken;
            }
            double seconds = (System.nanoTime() - begun) / 1e9;
            return new Speed(
                    records / (Usage.cpuSeconds(pid) - cpu),
                    records / seconds,
                    microsACall(command) / 1_000);
        }

        private double microsACall(String command) throws IOException {
            var stats = String.valueOf(wire.call("INFO", "commandstats"));
            var line = Pattern.compile("cmdstat_" + command + ":.*usec_per_call=([0-9.]+)");
            var found = line.matcher(stats);
            return found.find() ? Double.parseDouble(found.group(1)) : Double.NaN;
        }

        private Address.Agent address() {
            return agent(random.nextInt(ADDRESSES));
        }

        private static Address.Agent agent(int i) {
            return new Address.Agent(Rig.APP, Integer.toString(i));
        }

        private static long now() {
            return System.currentTimeMillis();
        }
    }
}
