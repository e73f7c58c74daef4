package io.switchboard.systemtests.simulation;

import io.switchboard.schemas.Address;
import io.switchboard.systemtests.History;
import io.switchboard.systemtests.SdkModel;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A browser tab on virtual time: hops, vanishes, reads slowly, is loaded again, forgets.
final class SimBrowser {
    private static final long HANDSHAKE_MILLIS = 4_000;
    private static final long SLOW_MILLIS = 700;

    private final World world;
    private final String name;
    private final Address.Agent agent;
    private final Set<String> roles;
    private final History history;
    private final List<SimEdge> edges;
    private final boolean acknowledges;
    private SdkModel page;
    private @Nullable Wire wire;
    private boolean wanted = true;
    private boolean slow;
    private boolean calm;
    private boolean ackComes;
    private int pages = 1;

    /// @param acknowledges false: an old client
    SimBrowser(
            World world,
            String name,
            Address.Agent agent,
            Set<String> roles,
            History history,
            List<SimEdge> edges,
            boolean acknowledges) {
        this.world = world;
        this.name = name;
        this.agent = agent;
        this.roles = roles;
        this.history = history;
        this.edges = edges;
        this.acknowledges = acknowledges;
        this.page = SdkModel.fresh(name + "/1", agent, roles, "token", history);
        comeBack(world.between(0, 2_000));
    }

    String name() {
        return name;
    }

    Address.Agent agent() {
        return agent;
    }

    Set<String> roles() {
        return roles;
    }

    boolean acknowledges() {
        return acknowledges;
    }

    boolean isOnline() {
        return page.online();
    }

    // --- what happens to it

    void hop(boolean politely) {
        leave(politely);
        comeBack(world.between(0, 1_000));
    }

    void stayAway(long millis) {
        wanted = false;
        leave(true);
        world.in(millis, this::want);
    }

    void want() {
        if (!wanted) {
            wanted = true;
            comeBack(0);
        }
    }

    void setSlow(boolean slow) {
        this.slow = slow;
    }

    /// From now on it only waits for what is due.
    void beCalm() {
        calm = true;
        slow = false;
        want();
    }

    /// The tab is loaded again, with what it stored, or without.
    void reload(boolean forgetful) {
        leave(world.chance(0.5));
        var next = name + "/" + ++pages;
        page =
                forgetful
                        ? SdkModel.fresh(next, agent, roles, "token", history)
                        : page.reloaded(next);
        world.trace(() -> next + " is loaded" + (forgetful ? ", knowing nothing" : ""));
        comeBack(world.between(0, 1_000));
    }

    /// Makes a tab that was alive to the end catch up from nothing, as a last look.
    void lookAgain() {
        reload(false);
    }

    // --- its connection

    private void comeBack(long inMillis) {
        world.in(
                inMillis,
                () -> {
                    if (wanted && wire == null) {
                        connect();
                    }
                });
    }

    private void connect() {
        var edge = world.oneOf(edges);
        if (!edge.isUp()) {
            comeBack(world.between(50, 1_000));
            return;
        }
        var opened = new Wire(world, edge, this);
        wire = opened;
        world.trace(() -> "%s opens a socket to %s".formatted(page.page(), edge));
        edge.later(world.between(1, 8), () -> edge.onOpen(opened));
        world.in(
                HANDSHAKE_MILLIS,
                () -> {
                    if (opened.equals(wire) && !page.online()) {
                        hop(true);
                    }
                });
    }

    private void leave(boolean politely) {
        var old = wire;
        if (old == null) {
            return;
        }
        wire = null;
        old.leave(politely ? world.between(1, 20) : world.between(100, 15_000));
        var _ = page.onClosed(politely ? 1000 : 1006);
        world.trace(() -> "%s leaves %s".formatted(page.page(), old.edge));
    }

    void onClosed(Wire from, int code) {
        if (!from.equals(wire)) {
            return;
        }
        wire = null;
        world.trace(() -> "%s is closed: %d".formatted(page.page(), code));
        if (page.onClosed(code)) {
            comeBack(world.between(0, 500));
        }
    }

    long readingDelay() {
        return slow ? SLOW_MILLIS : world.between(1, 8);
    }

    void onFrame(Wire from, byte[] frame) {
        if (!from.equals(wire)) {
            return;
        }
        switch (page.onFrame(frame)) {
            case SdkModel.Reaction.Nothing _, SdkModel.Reaction.Refused _ -> {}
            case SdkModel.Reaction.Send(var answer) -> from.say(answer);
            case SdkModel.Reaction.Online _ -> {
                world.trace(() -> page.page() + " is online at " + from.edge);
                ackSoon();
            }
            case SdkModel.Reaction.Handled(var feed, var key, var position, _) -> {
                world.trace(
                        () -> "%s HANDLES %s %s at %s".formatted(page.page(), feed, key, position));
                ackSoon();
            }
            case SdkModel.Reaction.Lost(var told) ->
                    world.trace(() -> "%s is TOLD %s".formatted(page.page(), told));
            case SdkModel.Reaction.GoAway _ -> hop(true);
        }
    }

    private void ackSoon() {
        if (!acknowledges || ackComes) {
            return;
        }
        ackComes = true;
        world.in(
                calm ? 5 : world.between(0, 1_500),
                () -> {
                    ackComes = false;
                    var to = wire;
                    var ack = to == null ? null : page.takeAck();
                    if (to != null && ack != null) {
                        world.trace(() -> page.page() + " acks");
                        to.say(ack);
                    }
                });
    }
}
