package io.switchboard.bench.alone;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.switchboard.bench.far.Control;
import io.switchboard.edge.delivery.Delivery;
import io.switchboard.edge.delivery.DeliveryDoor;
import io.switchboard.edge.delivery.DeliverySettings;
import io.switchboard.edge.delivery.DeliveryThread;
import io.switchboard.edge.delivery.EdgeMeters;
import io.switchboard.edge.socket.Front;
import io.switchboard.edge.socket.InProcessServer;
import io.switchboard.edge.socket.Refusals;
import io.switchboard.edge.socket.SocketSettings;
import io.switchboard.runtime.AgentTokens.Verdict;
import io.switchboard.runtime.Apps;
import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.Hint;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.KnownNames;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/// An edge's delivery and connections with as many browsers as its heap holds, in one process and
/// without a socket; or bare channels, to know what those take. A browser's token is its number,
/// its inbox is empty, and nobody's heart is asked for: only memory and routing are of interest.
public final class LogicalMain {
    private static final int BATCH = 500;
    private static final int KNOWN_ADDRESSES = 1 << 16;
    private static final Duration NO_BEATS = Duration.ofHours(1);

    private final LocalAddress address = new LocalAddress("edge");
    private final LogicalBrowsers browsers;
    private final DeliveryDoor door = new DeliveryDoor(EdgeMeters.NONE);

    /// How many hints each browser had.
    private int[] hinted = {};

    private LogicalMain(boolean bare) {
        browsers = new LogicalBrowsers(address, bare);
        if (bare) {
            listenBare();
        } else {
            serve();
        }
    }

    public static void main(String... args) throws IOException {
        var it = new LogicalMain(args[0].equals("bare"));
        Control.serve("logical", Map.of("open", it::open, "hint", it::hint));
        System.exit(0);
    }

    private void listenBare() {
        new ServerBootstrap()
                .group(new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory()))
                .channel(LocalServerChannel.class)
                .childHandler(
                        new ChannelInitializer<>() {
                            @Override
                            public boolean isSharable() {
                                return true;
                            }

                            @Override
                            protected void initChannel(Channel channel) {}
                        })
                .bind(address)
                .syncUninterruptibly();
    }

    private void serve() {
        var clock = Clock.systemUTC();
        var app =
                new Apps.App(
                        Hints.APP,
                        Apps.Status.ACTIVE,
                        Set.of(),
                        List.of(),
                        Map.of(),
                        null,
                        Set.of());
        var apps = new Apps(Map.of(Hints.APP, app), Map.of());
        var settings =
                SocketSettings.DEFAULTS.with(NO_BEATS, Integer.MAX_VALUE, 0, Integer.MAX_VALUE / 2);
        var front =
                new Front(
                        settings,
                        door,
                        token ->
                                new Verdict.Verified(
                                        Hints.agent(Integer.parseInt(token)), Set.of(), null),
                        () -> apps,
                        new Refusals(),
                        (_, _, _, then) -> then.accept(true),
                        () -> false,
                        EdgeMeters.NONE,
                        clock);
        var core =
                new Delivery(
                        new EdgeRef("alone", 1),
                        Hints.LANES,
                        new EmptyInbox(),
                        door,
                        clock,
                        new Random(),
                        DeliverySettings.DEFAULTS,
                        EdgeMeters.NONE,
                        (_, _) -> {});
        var server = new InProcessServer(front, address);
        new DeliveryThread(core, door, server::endTurn, LogicalMain::end).start();
    }

    private static void end(Throwable thrown) {
        thrown.printStackTrace();
        System.exit(1);
    }

    private ObjectNode open(ObjectNode order) throws InterruptedException {
        browsers.open(order.path("count").asInt());
        return tell();
    }

    private ObjectNode tell() {
        return Json.object()
                .put("closed", browsers.closed())
                .put("received", browsers.received())
                .put("strayed", browsers.strayed());
    }

    /// To everybody so many times, as fast as the edge takes them; what an edge's reader does, but
    /// for Kafka.
    private ObjectNode hint(ObjectNode order) throws InterruptedException {
        int each = order.path("each").asInt();
        var had = Arrays.copyOf(hinted, browsers.opened());
        var hints = new Hints(had.length, i -> had[i]);
        var names = new KnownNames(KNOWN_ADDRESSES);
        long before = browsers.received();
        long count = (long) each * had.length;
        long begun = System.nanoTime();
        var batch = new ArrayList<DeliveryDoor.Sent>(BATCH);
        for (long i = 0; i < count; i++) {
            batch.add(new DeliveryDoor.Sent(Hint.decode(hints.next(), names), 1));
            if (batch.size() == BATCH || i == count - 1) {
                door.hints(batch);
                batch = new ArrayList<>(BATCH);
            }
        }
        LogicalBrowsers.await(browsers::received, before + count);
        Arrays.setAll(had, i -> had[i] + each);
        hinted = had;
        return tell().put("nanos", System.nanoTime() - begun);
    }
}
