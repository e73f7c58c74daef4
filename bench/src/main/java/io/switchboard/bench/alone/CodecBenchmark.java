package io.switchboard.bench.alone;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.switchboard.schemas.Address;
import io.switchboard.schemas.Envelope;
import io.switchboard.schemas.Hint;
import io.switchboard.schemas.KnownNames;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// Bytes into objects and back, as dispatcher and edge do it.
@State(Scope.Thread)
public class CodecBenchmark {
    private static final byte[] ENVELOPE =
            "{\"url\":\"/bench\",\"chat_token\":\"a chat token of the bench\",\"data\":[{\"uuid\":\"1234\",\"data\":{\"type\":\"bench\",\"infos\":\"A new worksheet waits for you: printer on floor 3\"}}]}"
                    .getBytes(UTF_8);

    private final Address.Agent agent = Hints.agent(1_234);
    private final Hint hint = Hints.hint(agent);
    private final byte[] encoded = hint.encode();
    private final Hints hints = new Hints(1_000);
    private final KnownNames names = new KnownNames(1 << 16);

    @Benchmark
    public Envelope.Parsed parseEnvelope() {
        return Envelope.parse(ENVELOPE);
    }

    @Benchmark
    public byte[] encodeFrame() {
        return Hints.frame(agent);
    }

    @Benchmark
    public byte[] encodeHint() {
        return hint.encode();
    }

    /// From an address that was there before, as nearly always.
    @Benchmark
    public Hint decodeHint() {
        return Hint.decode(hints.next(), names);
    }

    @Benchmark
    public Hint decodeHintOfANewAddress() {
        return Hint.decode(encoded);
    }
}
