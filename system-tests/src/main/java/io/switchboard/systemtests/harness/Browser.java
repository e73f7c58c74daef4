package io.switchboard.systemtests.harness;

import com.fasterxml.jackson.databind.JsonNode;
import io.switchboard.systemtests.History;
import io.switchboard.systemtests.SdkModel;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A browser tab: an [SdkModel] over a real WebSocket. It comes back by itself, to the next edge
/// node of its list, until it is closed or told to stay away.
///
/// One virtual thread drives the page; everything reaches it through its mailbox.
///
/// Thread-safe.
public final class Browser implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration HANDSHAKE = Duration.ofSeconds(5);

    /// As the SDK: one ACK for what a burst brought.
    private static final long ACK_BATCH_NANOS = Duration.ofMillis(50).toNanos();

    /// What this browser is like.
    ///
    /// @param subprotocol without it the edge takes us for an old client
    /// @param acks whether it acknowledges what it handled
    public record Habits(boolean subprotocol, boolean acks) {
        public static final Habits SDK = new Habits(true, true);
        public static final Habits OLD = new Habits(false, false);
    }

    /// What the driving thread is told.
    private sealed interface Letter {
        record Frame(WireSocket from, byte[] bytes) implements Letter {}

        record Closed(WireSocket from, int code) implements Letter {}

        record Say(String text) implements Letter {}

        record Connect() implements Letter {}

        record Hop(boolean politely) implements Letter {}

        record StayAway(boolean politely) implements Letter {}

        record Reload(String newPage, boolean forgetful) implements Letter {}

        record End() implements Letter {}
    }

    /// One event, as the handler got it.
    public record Received(String text, String event, JsonNode payload, long atNanos) {}

    private final String name;
    private final IntFunction<URI> edges;
    private final Habits habits;
    private final BlockingQueue<Letter> mailbox = new LinkedBlockingQueue<>();
    private final Object news = new Object();
    private final List<Received> received = new ArrayList<>();
    private final List<History.ToldLost> lost = new ArrayList<>();
    private final List<SdkModel.Reaction.Refused> refusals = new ArrayList<>();
    private final Thread driver;

    private volatile SdkModel page;
    private volatile @Nullable URI edge;
    private volatile boolean online;
    private volatile boolean reading = true;
    private volatile int closeCode;
    private volatile long unread;
    private volatile long onlineSinceNanos;

    /// @param edges which edge node to use at the n-th attempt
    Browser(String name, SdkModel page, IntFunction<URI> edges, Habits habits) {
        this.name = name;
        this.page = page;
        this.edges = edges;
        this.habits = habits;
        this.driver = Thread.ofVirtual().name("browser " + name).start(this::drive);
    }

    /// A browser with the SDK's habits, of a system that no [Stage] stands on.
    public static Browser of(SdkModel page, IntFunction<URI> edges) {
        return new Browser(page.page(), page, edges, Habits.SDK);
    }

    // --- what a test tells it

    /// Connects, and waits until it is online.
    public Browser connect() {
        mailbox.add(new Letter.Connect());
        return awaitOnline();
    }

    /// As connect, without waiting.
    public Browser startConnecting() {
        mailbox.add(new Letter.Connect());
        return this;
    }

    /// Leaves, and comes back at once to the next edge node.
    public void hop() {
        mailbox.add(new Letter.Hop(true));
    }

    /// As hop; its old connection ends without a goodbye.
    public void vanishAndReturn() {
        mailbox.add(new Letter.Hop(false));
    }

    /// Leaves, until told to connect.
    public Browser disconnect() {
        mailbox.add(new Letter.StayAway(true));
        await("to be offline", () -> !online, PATIENCE);
        return this;
    }

    /// The tab is loaded again: a new page, with the positions that the tab stored.
    public Browser reload(String newPage) {
        mailbox.add(new Letter.Reload(newPage, false));
        return this;
    }

    /// The person comes with a browser that knows nothing.
    public Browser forget(String newPage) {
        mailbox.add(new Letter.Reload(newPage, true));
        return this;
    }

    /// Sends this frame, as no SDK would.
    public void say(String text) {
        mailbox.add(new Letter.Say(text));
    }

    /// Stops reading its socket, or goes on.
    public void setReading(boolean reading) {
        this.reading = reading;
    }

    @Override
    public void close() {
        mailbox.add(new Letter.End());
        try {
            driver.join(PATIENCE);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    // --- what a test may ask

    public String name() {
        return name;
    }

    public boolean isOnline() {
        return online;
    }

    /// The edge node that it is, or was last, connected to.
    public @Nullable URI edge() {
        return edge;
    }

    public int closeCode() {
        return closeCode;
    }

    public long unread() {
        return unread;
    }

    public long onlineSinceNanos() {
        return onlineSinceNanos;
    }

    public SdkModel page() {
        return page;
    }

    public List<Received> received() {
        synchronized (news) {
            return List.copyOf(received);
        }
    }

    public List<String> texts() {
        return received().stream().map(Received::text).toList();
    }

    public List<History.ToldLost> lost() {
        synchronized (news) {
            return List.copyOf(lost);
        }
    }

    public List<SdkModel.Reaction.Refused> refusals() {
        synchronized (news) {
            return List.copyOf(refusals);
        }
    }

    public Browser awaitOnline() {
        await("to be online", () -> online, PATIENCE);
        return this;
    }

    /// Waits until it has received exactly these, in this order.
    public Browser awaitReceived(String... texts) {
        var expected = List.of(texts);
        await("to have received " + expected, () -> texts().equals(expected), PATIENCE);
        return this;
    }

    public Browser awaitReceived(int count, Duration atMost) {
        await("to have received " + count + " events", () -> received.size() >= count, atMost);
        return this;
    }

    /// Waits until this is what it received last.
    public Browser awaitLast(String text, Duration atMost) {
        await(
                "to have received " + text + " last",
                () -> !received.isEmpty() && received.getLast().text().equals(text),
                atMost);
        return this;
    }

    public Browser awaitLost(Predicate<History.ToldLost> expected) {
        await("to be told LOST", () -> lost().stream().anyMatch(expected), PATIENCE);
        return this;
    }

    public Browser awaitRefused(int code) {
        await(
                "to be refused with " + code,
                () -> refusals().stream().anyMatch(refused -> refused.code() == code),
                PATIENCE);
        return this;
    }

    public Browser awaitClosed(int code) {
        await("to be closed with " + code, () -> closeCode == code, PATIENCE);
        return this;
    }

    private void await(String what, BooleanSupplier holds, Duration atMost) {
        long deadline = System.nanoTime() + atMost.toNanos();
        synchronized (news) {
            while (!holds.getAsBoolean()) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    throw new AssertionError(
                            "%s was expected %s within %s; online: %s (edge %s), received: %s, lost: %s, refused: %s, closed: %d"
                                    .formatted(
                                            name,
                                            what,
                                            atMost,
                                            online,
                                            edge,
                                            shortened(),
                                            lost,
                                            refusals,
                                            closeCode));
                }
                try {
                    TimeUnit.NANOSECONDS.timedWait(news, left);
                } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                    throw new AssertionError(name + ": interrupted while waiting " + what);
                }
            }
        }
    }

    private String shortened() {
        var texts = texts();
        return texts.size() <= 20
                ? texts.toString()
                : texts.size()
                        + " events, the last "
                        + texts.subList(texts.size() - 20, texts.size());
    }

    // --- the driving thread

    private @Nullable WireSocket socket;
    private boolean wanted;
    private int turn;
    private int failures;
    private long notBeforeNanos = System.nanoTime();
    private boolean ackDue;
    private long ackAtNanos;

    private void drive() {
        try {
            for (var ended = false; !ended; ) {
                ended = step();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            leave(false);
        }
    }

    private boolean step() throws InterruptedException {
        if (wanted && socket == null && System.nanoTime() - notBeforeNanos >= 0) {
            open();
        }
        var wait =
                wanted && socket == null
                        ? Math.max(0, notBeforeNanos - System.nanoTime())
                        : PATIENCE.toNanos();
        if (ackDue) {
            wait = Math.min(wait, Math.max(0, ackAtNanos - System.nanoTime()));
        }
        var letter = mailbox.poll(wait, TimeUnit.NANOSECONDS);
        if (ackDue && System.nanoTime() - ackAtNanos >= 0) {
            acknowledge();
        }
        switch (letter) {
            case null -> {}
            case Letter.Frame(var from, var bytes) when from == socket -> onFrame(from, bytes);
            case Letter.Closed(var from, var code) when from == socket -> onClosed(code);
            case Letter.Frame _, Letter.Closed _ -> {}
            case Letter.Say(var text) -> {
                if (socket != null) {
                    socket.send(text.getBytes(StandardCharsets.UTF_8));
                }
            }
            case Letter.Connect _ -> {
                wanted = true;
                comeBackIn(Duration.ZERO);
            }
            case Letter.Hop(var politely) -> leave(politely);
            case Letter.StayAway(var politely) -> {
                wanted = false;
                leave(politely);
            }
            case Letter.Reload(var newPage, var forgetful) -> {
                leave(true);
                page = forgetful ? page.forgotten(newPage) : page.reloaded(newPage);
            }
            case Letter.End _ -> {
                wanted = false;
                return true;
            }
        }
        return false;
    }

    private void open() throws InterruptedException {
        var uri = edges.apply(turn++);
        edge = uri;
        var opened = WireSocket.open(uri, habits.subprotocol(), HANDSHAKE);
        if (opened == null) {
            backOff();
            return;
        }
        socket = opened;
        opened.start(
                bytes -> mailbox.add(new Letter.Frame(opened, bytes)),
                code -> mailbox.add(new Letter.Closed(opened, code)));
    }

    /// As the SDK: full jitter under a ceiling that doubles to a second.
    private void backOff() {
        int ceiling = Math.min(1_000, 50 << Math.min(failures++, 5));
        comeBackIn(Duration.ofMillis(ThreadLocalRandom.current().nextInt(ceiling)));
    }

    private void comeBackIn(Duration delay) {
        notBeforeNanos = System.nanoTime() + delay.toNanos();
    }

    private void onFrame(WireSocket from, byte[] bytes) throws InterruptedException {
        while (!reading && mailbox.isEmpty()) {
            Thread.sleep(20);
        }
        switch (page.onFrame(bytes)) {
            case SdkModel.Reaction.Nothing _ -> {}
            case SdkModel.Reaction.Send(var frame) -> from.send(frame);
            case SdkModel.Reaction.Handled handled -> onHandled(handled);
            case SdkModel.Reaction.Online(_, var count) -> onOnline(count);
            case SdkModel.Reaction.Lost(var told) -> note(() -> lost.add(told));
            case SdkModel.Reaction.Refused refused -> note(() -> refusals.add(refused));
            case SdkModel.Reaction.GoAway(var millis) -> {
                leave(true);
                comeBackIn(Duration.ofMillis(millis));
            }
        }
        if (habits.acks() && !ackDue) {
            ackDue = true;
            ackAtNanos = System.nanoTime() + ACK_BATCH_NANOS;
        }
        from.readOn();
    }

    private void acknowledge() {
        ackDue = false;
        var to = socket;
        var ack = to == null ? null : page.takeAck();
        if (to != null && ack != null) {
            to.send(ack);
        }
    }

    private void onHandled(SdkModel.Reaction.Handled handled) {
        var event =
                new Received(
                        handled.payload().path("infos").asText(),
                        handled.key().toString(),
                        handled.payload(),
                        System.nanoTime());
        note(() -> received.add(event));
    }

    private void onOnline(long count) {
        failures = 0;
        note(
                () -> {
                    unread = count;
                    online = true;
                    onlineSinceNanos = System.nanoTime();
                });
    }

    private void onClosed(int code) {
        socket = null;
        boolean comesBack = page.onClosed(code);
        wanted &= comesBack;
        note(
                () -> {
                    online = false;
                    closeCode = code;
                });
        backOff();
    }

    private void leave(boolean politely) {
        var old = socket;
        if (old == null) {
            return;
        }
        socket = null;
        if (politely) {
            old.close();
        } else {
            old.abort();
        }
        var _ = page.onClosed(politely ? 1000 : 1006);
        comeBackIn(Duration.ZERO);
        note(() -> online = false);
    }

    private void note(Runnable change) {
        synchronized (news) {
            change.run();
            news.notifyAll();
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
