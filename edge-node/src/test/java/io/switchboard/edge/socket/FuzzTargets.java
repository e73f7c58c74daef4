package io.switchboard.edge.socket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.switchboard.edge.centrifuge.ChannelPosition;
import io.switchboard.edge.centrifuge.Command;
import io.switchboard.edge.delivery.DeliveryDoor;
import io.switchboard.edge.delivery.EdgeCounter;
import io.switchboard.edge.delivery.EdgeMeters;
import io.switchboard.runtime.AgentTokens.Verdict;
import io.switchboard.runtime.Apps;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.ClientFrame;
import io.switchboard.schemas.CloseCode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a browser's bytes meet first, as Jazzer calls it: the whole pipeline of a channel, from
/// HTTP to the peer. It may answer, refuse or close; it may not fail in a way that nobody foresaw.
public final class FuzzTargets {
    private static final Address.Agent ADA = new Address.Agent("desk", "ada");
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

    private FuzzTargets() {}

    public static final class Requests {
        public static void fuzzerTestOneInput(byte[] bytes) {
            read(new byte[0], bytes);
        }
    }

    /// The frames of one who speaks `switchboard.v1`.
    public static final class Frames {
        private static final byte[] UPGRADE = upgrade("/ws", "switchboard.v1");

        public static void fuzzerTestOneInput(byte[] bytes) {
            read(UPGRADE, bytes);
        }
    }

    public static final class CentrifugeFrames {
        private static final byte[] UPGRADE =
                upgrade("/connection/websocket", CentrifugePeer.SUBPROTOCOL);

        public static void fuzzerTestOneInput(byte[] bytes) {
            read(UPGRADE, bytes);
        }
    }

    /// Without the frame around it.
    public static final class CentrifugeCommand {
        public static void fuzzerTestOneInput(byte[] bytes) {
            if (Command.parse(bytes) instanceof Command.Connect(var _, var _, var subs)) {
                ChannelPosition.positions(ADA, subs);
            }
        }
    }

    private static byte[] upgrade(String path, String subprotocol) {
        return RawSocket.upgrade("")
                .replace("/ws", path)
                .replace("switchboard.v1", subprotocol)
                .getBytes(StandardCharsets.US_ASCII);
    }

    /// Counts nothing but what was not foreseen.
    private static final class Meters implements EdgeMeters {
        private boolean failed;

        @Override
        public void add(EdgeCounter counter, long count) {}

        @Override
        public void hintedToWritten(long millis) {}

        @Override
        public void writtenToAcknowledged(long millis) {}

        @Override
        public void closed(CloseCode reason) {
            failed |= reason == CloseCode.INTERNAL;
        }
    }

    private static void read(byte[] before, byte[] bytes) {
        var meters = new Meters();
        var front =
                new Front(
                        SocketSettings.DEFAULTS,
                        new DeliveryDoor(meters),
                        token ->
                                token.startsWith("bad")
                                        ? new Verdict.Refused(CloseCode.BAD_TOKEN, "bad")
                                        : new Verdict.Verified(
                                                ADA, Set.of("first"), NOW.plusSeconds(60)),
                        () -> new Apps(Map.of(), Map.of()),
                        new Refusals(),
                        (_, _, _, then) -> then.accept(true),
                        () -> false,
                        meters,
                        () -> NOW);
        var budget = new Budget(front.settings(), meters, NOW.toEpochMilli());
        var channel = new EmbeddedChannel();
        var loop =
                new Loop(
                        new Outbox(
                                channel.eventLoop(), meters, front.clock(), new WrittenEvents(8)),
                        new Rounds(front.clock()));
        channel.pipeline()
                .addLast(new HttpServerCodec())
                .addLast(new HttpObjectAggregator(ClientFrame.MAX_BYTES, true))
                .addLast(
                        new Reception(
                                front,
                                loop,
                                budget,
                                Files.ALL,
                                new EventStreams(front, budget),
                                true));
        try {
            for (var each : List.of(before, bytes)) {
                if (each.length > 0 && channel.isOpen()) {
                    channel.writeInbound(Unpooled.copiedBuffer(each));
                    channel.runPendingTasks();
                }
            }
            for (ByteBuf each = channel.readOutbound(); each != null; ) {
                each.release();
                each = channel.readOutbound();
            }
        } finally {
            channel.finishAndReleaseAll();
        }
        if (meters.failed) {
            throw new AssertionError("closed with " + CloseCode.INTERNAL);
        }
    }

    /// They are read once.
    private static final class Files {
        private static final StaticFiles ALL = StaticFiles.load();
    }
}
