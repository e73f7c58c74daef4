package io.switchboard.systemtests.simulation;

import io.switchboard.edge.delivery.Connection;
import io.switchboard.edge.delivery.Hello;
import io.switchboard.edge.delivery.Link;
import io.switchboard.edge.delivery.Listener;
import io.switchboard.schemas.CloseCode;
import io.switchboard.schemas.Position;
import java.util.ArrayDeque;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A WebSocket between an edge node and a browser: what is said arrives in order, or the wire is
/// broken and the rest never arrives. It holds only so much that the browser has not read.
final class Wire implements Link {
    private static final int HOLDS = 6;

    private sealed interface Item {
        record Frame(byte[] bytes) implements Item {}

        record Ping(long number) implements Item {}

        record Close(CloseCode code) implements Item {}
    }

    final SimEdge edge;
    private final World world;
    private final SimBrowser browser;
    private final ArrayDeque<Item> held = new ArrayDeque<>();
    private long lastToEdge;
    private boolean reading;
    private boolean full;
    private boolean broken;

    private @Nullable Connection connection;

    Wire(World world, SimEdge edge, SimBrowser browser) {
        this.world = world;
        this.edge = edge;
        this.browser = browser;
    }

    Hello hello(Map<String, Position> positions) {
        return new Hello(
                browser.name(),
                browser.agent(),
                browser.roles(),
                null,
                browser.acknowledges(),
                false,
                positions);
    }

    // --- the edge node's end

    @Override
    public void control(byte[] frame) {
        hold(new Item.Frame(frame));
    }

    @Override
    public void event(byte[] frame, Listener at, long sentMillis) {
        hold(new Item.Frame(frame));
    }

    @Override
    public void ping(long number) {
        hold(new Item.Ping(number));
    }

    @Override
    public boolean writable() {
        full |= held.size() >= HOLDS;
        return !full;
    }

    @Override
    public void close(CloseCode code) {
        hold(new Item.Close(code));
    }

    @Override
    public void bind(Connection bound) {
        connection = bound;
    }

    @Override
    public @Nullable Connection bound() {
        return connection;
    }

    private void hold(Item item) {
        if (!broken) {
            held.add(item);
            readSoon();
        }
    }

    private void readSoon() {
        if (!reading && !held.isEmpty() && !broken) {
            reading = true;
            world.in(browser.readingDelay(), this::read);
        }
    }

    private void read() {
        reading = false;
        if (broken || held.isEmpty()) {
            return;
        }
        var item = held.remove();
        if (full && held.size() < HOLDS / 2) {
            full = false;
            edge.onWritable(this);
        }
        switch (item) {
            case Item.Frame(var bytes) -> browser.onFrame(this, bytes);
            case Item.Ping(var number) -> toEdge(() -> edge.onPong(this, number));
            case Item.Close(var code) -> {
                broken = true;
                browser.onClosed(this, code.code());
            }
        }
        readSoon();
    }

    // --- the browser's end

    void say(byte[] frame) {
        toEdge(() -> edge.onFrame(this, frame));
    }

    /// Leaves; the edge node learns of it soon, or much later.
    void leave(long afterMillis) {
        broken = true;
        edge.later(afterMillis, () -> edge.onGone(this));
    }

    /// In the order in which it was said.
    private void toEdge(Runnable task) {
        if (broken) {
            return;
        }
        lastToEdge = Math.max(lastToEdge, world.now() + world.between(1, 8));
        edge.later(lastToEdge - world.now(), task);
    }

    /// The edge node crashed.
    void cut() {
        if (!broken) {
            broken = true;
            world.in(world.between(1, 300), () -> browser.onClosed(this, 1006));
        }
    }
}
