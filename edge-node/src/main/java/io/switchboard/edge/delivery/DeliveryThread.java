package io.switchboard.edge.delivery;

import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// The thread that owns [Delivery]: takes what came through the door, lets time pass, and at the
/// end of each turn hands to the event loops what was written.
///
/// An exception here is a bug, and ends the process: going on with ordering state in doubt would
/// be worse.
///
/// Thread-safe.
public final class DeliveryThread implements AutoCloseable {
    private static final int MESSAGES_A_TURN = 1_024;
    /// Also how long acks gather: a call to Redis for each would cost it as much as an append.
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final Duration JOIN = Duration.ofSeconds(5);

    private final Delivery delivery;
    private final DeliveryDoor door;
    private final Runnable endOfTurn;
    private final Consumer<Throwable> onFatal;
    private final Thread thread;
    private volatile boolean closed;
    private volatile boolean inboxAway;
    private volatile boolean drained;
    private volatile int connections;
    private volatile int lanes;
    private volatile long lastTurnNanos = System.nanoTime();

    /// @param endOfTurn hands over what was written
    /// @param onFatal hears of a bug
    public DeliveryThread(
            Delivery delivery, DeliveryDoor door, Runnable endOfTurn, Consumer<Throwable> onFatal) {
        this.delivery = delivery;
        this.door = door;
        this.endOfTurn = endOfTurn;
        this.onFatal = onFatal;
        this.thread = Thread.ofPlatform().name("delivery").daemon().unstarted(this::run);
    }

    public DeliveryThread start() {
        thread.start();
        return this;
    }

    public boolean isInboxAway() {
        return inboxAway;
    }

    public boolean isDrained() {
        return drained;
    }

    public int connections() {
        return connections;
    }

    /// How many lanes it delivers from.
    public int lanes() {
        return lanes;
    }

    /// How long ago it last finished a turn: it should be about a tick.
    public Duration silence() {
        return Duration.ofNanos(System.nanoTime() - lastTurnNanos);
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(JOIN);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            turns();
        } catch (InterruptedException _) {
            // closed
        } catch (RuntimeException | Error e) {
            onFatal.accept(e);
        }
    }

    private void turns() throws InterruptedException {
        var messages = new ArrayList<Consumer<Delivery>>(MESSAGES_A_TURN);
        long nextTick = System.nanoTime();
        while (!closed) {
            long wait = Math.max(0, nextTick - System.nanoTime());
            door.take(messages, MESSAGES_A_TURN, TimeUnit.NANOSECONDS.toMillis(wait) + 1);
            for (var each : messages) {
                each.accept(delivery);
            }
            messages.clear();
            long now = System.nanoTime();
            if (now - nextTick >= 0) {
                nextTick = now + TICK_NANOS;
                delivery.tick();
                publish();
            }
            endOfTurn.run();
            lastTurnNanos = now;
        }
    }

    private void publish() {
        inboxAway = delivery.isInboxAway();
        drained = delivery.isDrained();
        connections = delivery.connections();
        lanes = delivery.lanes().count();
    }
}
