package io.switchboard.edge.delivery;

import io.switchboard.schemas.Address;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.Hint;
import io.switchboard.schemas.Position;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The one way to the delivery thread. What comes in goes through in order.
///
/// Each kind has its bound. Browsers' requests: `REQUESTS` waiting, then [#connect], [#ack] and
/// [#refresh] answer false and the socket is closed (4004): its browser comes back with its
/// positions, nothing is lost. Hints: `HINT_BATCHES` waiting, then [#hints] waits, and Kafka keeps
/// the rest. What must arrive (a closed socket, an inbox's answer) is bounded by the number of
/// sockets and of calls under way.
///
/// Thread-safe.
public final class DeliveryDoor implements Executor {
    static final int REQUESTS = 64 * 1024;
    static final int HINT_BATCHES = 16;

    private final BlockingQueue<Consumer<Delivery>> queue = new LinkedBlockingQueue<>();
    private final Semaphore requests = new Semaphore(REQUESTS);
    private final Semaphore hintBatches = new Semaphore(HINT_BATCHES);
    private final EdgeMeters meters;

    public DeliveryDoor(EdgeMeters meters) {
        this.meters = meters;
    }

    /// A hint and its own timestamp.
    public record Sent(Hint hint, long sentMillis) {}

    public boolean connect(Hello hello, Link link) {
        return request(it -> it.connect(hello, link));
    }

    public boolean ack(Link link, Map<String, Position> positions) {
        return request(it -> it.onAck(link, positions));
    }

    public boolean refresh(
            Link link, Address.Agent agent, Set<String> roles, @Nullable Instant expiry) {
        return request(it -> it.onRefresh(link, agent, roles, expiry));
    }

    public void pong(Link link, long number) {
        request(it -> it.onPong(link, number));
    }

    public void writable(Link link) {
        queue.add(it -> it.onWritable(link));
    }

    public void closed(Link link) {
        queue.add(it -> it.onClosed(link));
    }

    /// Waits while too many are waiting: backpressure on the topic.
    public void hints(List<Sent> batch) throws InterruptedException {
        if (!hintBatches.tryAcquire()) {
            meters.increment(EdgeCounter.HINTS_WAITED);
            hintBatches.acquire();
        }
        queue.add(
                it -> {
                    hintBatches.release();
                    for (var each : batch) {
                        it.onHint(each.hint(), each.sentMillis());
                    }
                });
    }

    public void hintsMissed() {
        queue.add(Delivery::onHintsMissed);
    }

    public void incarnation(EdgeRef edge) {
        queue.add(it -> it.onIncarnation(edge));
    }

    public void lanes(Lanes lanes) {
        queue.add(it -> it.onLanes(lanes));
    }

    /// For what operators do: seldom.
    public void tell(Consumer<Delivery> command) {
        queue.add(command);
    }

    /// An inbox's answer comes home.
    @Override
    public void execute(Runnable answer) {
        queue.add(_ -> answer.run());
    }

    public int waiting() {
        return queue.size();
    }

    private boolean request(Consumer<Delivery> command) {
        if (!requests.tryAcquire()) {
            meters.increment(EdgeCounter.REQUESTS_REFUSED_DOOR);
            return false;
        }
        queue.add(
                it -> {
                    requests.release();
                    command.accept(it);
                });
        return true;
    }

    /// Waits for something to do, and takes what else is there, up to `most`.
    ///
    /// *For the delivery thread.*
    void take(List<Consumer<Delivery>> into, int most, long waitMillis)
            throws InterruptedException {
        var first = queue.poll(waitMillis, TimeUnit.MILLISECONDS);
        if (first != null) {
            into.add(first);
            queue.drainTo(into, most - 1);
        }
    }
}
