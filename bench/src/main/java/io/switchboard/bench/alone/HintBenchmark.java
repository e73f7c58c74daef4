package io.switchboard.bench.alone;

import io.switchboard.edge.delivery.Connection;
import io.switchboard.edge.delivery.Delivery;
import io.switchboard.edge.delivery.DeliverySettings;
import io.switchboard.edge.delivery.EdgeMeters;
import io.switchboard.edge.delivery.Hello;
import io.switchboard.edge.delivery.Link;
import io.switchboard.edge.delivery.Listener;
import io.switchboard.schemas.CloseCode;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.Hint;
import io.switchboard.schemas.KnownNames;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// A hint's way through an edge, from Kafka's bytes until its frame is handed to the connection's
/// link: it is decoded, its address's feed is found, and the listener judges it.
@State(Scope.Thread)
public class HintBenchmark {
    @Param({"5000", "100000"})
    public int connections;

    private final ArrayDeque<Runnable> home = new ArrayDeque<>();
    private final KnownNames names = new KnownNames(1 << 16);
    private final Far far = new Far();
    private final Delivery delivery =
            new Delivery(
                    new EdgeRef("alone", 1),
                    Hints.LANES,
                    new EmptyInbox(),
                    home::add,
                    Clock.systemUTC(),
                    new Random(1),
                    DeliverySettings.DEFAULTS,
                    EdgeMeters.NONE,
                    (_, _) -> {});
    private @Nullable Hints hints;
    private long delivered;

    @Setup
    public void connect() {
        hints = new Hints(connections);
        for (int i = 0; i < connections; i++) {
            delivery.connect(
                    new Hello(
                            Integer.toString(i),
                            Hints.agent(i),
                            Set.of(),
                            null,
                            true,
                            false,
                            Map.of()),
                    far);
            while (!home.isEmpty()) {
                home.remove().run();
            }
        }
        if (far.online != connections) {
            throw new IllegalStateException(
                    "%d are online (expected: %d)".formatted(far.online, connections));
        }
    }

    @Benchmark
    public void deliver() {
        delivered++;
        delivery.onHint(Hint.decode(Objects.requireNonNull(hints).next(), names), 1);
    }

    /// What is not handed over would be measured as cheap.
    @TearDown
    public void allCame() {
        if (far.events != delivered) {
            throw new IllegalStateException(
                    "%d of %d hints were handed over".formatted(far.events, delivered));
        }
    }

    /// All of the links: it takes everything.
    private static final class Far implements Link {
        private int online;
        private long events;
        private long bytes;

        @Override
        public void online(Online who, List<Listener> listeners) {
            online++;
        }

        @Override
        public void control(byte[] frame) {}

        @Override
        public void event(byte[] frame, Listener at, long sentMillis) {
            events++;
            bytes += frame.length;
        }

        @Override
        public void ping(long number) {}

        @Override
        public boolean writable() {
            return bytes >= 0;
        }

        @Override
        public void close(CloseCode code) {
            throw new IllegalStateException("closed: " + code);
        }

        @Override
        public void bind(Connection connection) {}

        @Override
        public @Nullable Connection bound() {
            return null;
        }
    }
}
