package io.switchboard.bench.far;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.Unpooled;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Hint;
import io.switchboard.schemas.Json;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.CloseOptions;

/// What many edges read, without anything behind it: `<kafka>`. Each topic has a consumer and a
/// thread of its own, as each edge node has; every hint is decoded, and its number compared with
/// the last one of its address.
public final class EdgesMain {
    private static final long NOTHING_YET = 0;

    private final String kafka;
    private final Tally tally = new Tally();
    private final List<Reader> readers = new ArrayList<>();

    /// The last number of each address; it outlives the edge that the address was at.
    private final Map<Address, Long> last = new ConcurrentHashMap<>();

    private EdgesMain(String kafka) {
        this.kafka = kafka;
    }

    public static void main(String... args) throws IOException {
        var edges = new EdgesMain(args[0]);
        Control.serve(
                "edges",
                Map.of(
                        "follow", edges::follow,
                        "measure", edges::measure,
                        "await", edges::await,
                        "tell", edges::tell));
        System.exit(0);
    }

    /// These topics from now on, and no others. Answers when each is read.
    private ObjectNode follow(ObjectNode order) throws InterruptedException {
        for (var each : readers) {
            each.close();
        }
        readers.clear();
        for (var topic : order.path("topics")) {
            readers.add(new Reader(topic.asText()));
        }
        for (var each : readers) {
            each.begun.await();
        }
        return standing();
    }

    private ObjectNode measure(ObjectNode order) {
        tally.measure(order.path("from").asLong(), order.path("to").asLong());
        return Json.object();
    }

    private ObjectNode await(ObjectNode order) throws InterruptedException {
        long received = order.path("received").asLong();
        boolean came = Control.await(order, () -> tally.received.sum() >= received);
        return standing().put("done", came);
    }

    private ObjectNode tell(ObjectNode order) {
        return tally.into(standing());
    }

    private ObjectNode standing() {
        return Json.object()
                .put("online", readers.size())
                .put("received", tally.received.sum())
                .put("now", System.nanoTime());
    }

    private final class Reader {
        private final CountDownLatch begun = new CountDownLatch(1);
        private final String topic;
        private final Thread thread;
        private volatile boolean closed;

        Reader(String topic) {
            this.topic = topic;
            thread = Thread.ofPlatform().name(topic).daemon().start(this::run);
        }

        private void run() {
            var consumer = Stream.open(kafka, List.of(topic));
            begun.countDown();
            while (!closed) {
                for (var each : consumer.poll(Stream.POLL)) {
                    onHint(Hint.decode(each.value()));
                }
            }
            consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
        }

        private void onHint(Hint hint) {
            var frame = Unpooled.wrappedBuffer(hint.frame());
            int stamp = Stamp.find(frame, 0, frame.readableBytes());
            if (stamp >= 0) {
                long number = Stamp.number(frame, stamp);
                long before = last.getOrDefault(hint.address(), NOTHING_YET);
                last.put(hint.address(), number);
                tally.onEvent(Stamp.nanos(frame, stamp), number, before);
            }
        }

        /// It ends with its next answer, half a second at most.
        void close() throws InterruptedException {
            closed = true;
            thread.join();
        }
    }
}
