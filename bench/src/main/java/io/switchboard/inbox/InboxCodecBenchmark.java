package io.switchboard.inbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.switchboard.schemas.Address;
import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.ReceiptLevel;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// What a dispatcher writes to Redis and an edge reads from it, in batches.
@State(Scope.Thread)
public class InboxCodecBenchmark {
    private static final LaneId LANE = new LaneId("bench", 0);
    private static final byte[] FRAME = new byte[250];
    private static final long EXPIRY = 1_764_000_000_000L;
    private static final int CAP_ENTRIES = 10_000;
    private static final int CAP_BYTES = 10 * 1024 * 1024;

    @Param({"1", "100"})
    public int entries;

    private Append append = append(0);
    private List<Object> feed = List.of();

    @Setup
    public void fill() {
        append = append(entries);
        feed = feed(entries);
    }

    @Benchmark
    public Object[] encodeAppend() {
        var into = new RedisArguments("lane");
        AppendCodec.pack(append, "generation", into);
        return into.values();
    }

    @Benchmark
    public Feed decodeFeed() {
        return FeedCodec.feed(new RedisReply(feed));
    }

    private static Append append(int count) {
        var records = new ArrayList<Append.Record>();
        for (int i = 0; i < count; i++) {
            records.add(
                    new Append.Record(
                            i,
                            new Address.Agent("bench", Integer.toString(i)),
                            "bench.0." + i + "#0",
                            FRAME,
                            EXPIRY,
                            new Append.Verdict.Store(),
                            ReceiptLevel.FAILURES,
                            CAP_ENTRIES,
                            CAP_BYTES,
                            List.of(),
                            List.of(),
                            null,
                            null));
        }
        return new Append(LANE, -1, count, records, EXPIRY, 0, true, true, null);
    }

    /// As a Redis client hands it over.
    private static List<Object> feed(int count) {
        var entries = new ArrayList<Object>();
        for (long i = 0; i < count; i++) {
            entries.addAll(
                    List.of(
                            i,
                            i - 1,
                            ("bench.0." + i + "#0").getBytes(UTF_8),
                            Long.toString(EXPIRY).getBytes(UTF_8),
                            FRAME));
        }
        long last = count - 1L;
        var standing = List.<Object>of(last, -1L, -1L, 0L, last, "only".getBytes(UTF_8), 1L);
        return List.of(1L, -1L, entries, List.of(), 0L, (long) count, standing);
    }
}
