package io.switchboard.edge.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.switchboard.edge.delivery.DeliveryDoor;
import io.switchboard.edge.delivery.EdgeMeters;
import io.switchboard.runtime.AgentTokens.Verdict;
import io.switchboard.runtime.Apps;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.CloseCode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One socket's handler without a socket, its time in the test's hands. (Leaks are looked for:
/// every test runs with paranoid detection.)
final class PeerRig {
    static final Address.Agent ADA = new Address.Agent("desk", "ada");

    Instant now = Instant.parse("2026-11-24T12:00:00Z");
    final DeliveryDoor door = new DeliveryDoor(EdgeMeters.NONE);
    final EmbeddedChannel channel = new EmbeddedChannel();
    final Outbox outbox =
            new Outbox(channel.eventLoop(), EdgeMeters.NONE, () -> now, new WrittenEvents(8));
    private final Rounds rounds = new Rounds(() -> now);

    interface Kind<P extends Peer> {
        P make(
                Channel channel,
                Front front,
                Loop loop,
                Budget budget,
                String id,
                @Nullable String origin);
    }

    /// Tokens: `bad`, `expired`; whatever else is Ada's, for an hour.
    <P extends Peer> P open(Kind<P> kind) {
        var front =
                new Front(
                        SocketSettings.DEFAULTS,
                        door,
                        this::verify,
                        () -> new Apps(Map.of(), Map.of()),
                        new Refusals(),
                        (_, _, _, then) -> then.accept(true),
                        () -> false,
                        EdgeMeters.NONE,
                        () -> now);
        var budget = new Budget(SocketSettings.DEFAULTS, EdgeMeters.NONE, now.toEpochMilli());
        var peer = kind.make(channel, front, new Loop(outbox, rounds), budget, "id", null);
        channel.pipeline().addLast(peer);
        return peer;
    }

    private Verdict verify(String token) {
        return switch (token) {
            case "bad" -> new Verdict.Refused(CloseCode.BAD_TOKEN, "bad");
            case "expired" -> new Verdict.Refused(CloseCode.TOKEN_EXPIRED, "expired");
            default -> new Verdict.Verified(ADA, Set.of(), now.plusSeconds(3600));
        };
    }

    void release() {
        channel.finishAndReleaseAll();
    }

    void say(String text) {
        channel.writeInbound(new TextWebSocketFrame(text));
    }

    /// The delivery thread's turn ends.
    void endTurn() {
        outbox.endTurn();
        channel.runPendingTasks();
    }

    void pass(Duration time) {
        var end = now.plus(time);
        while (now.isBefore(end)) {
            now = now.plusMillis(50);
            rounds.visitSlice();
            channel.runPendingTasks();
        }
    }

    /// What was written since the last time: texts, `ping`, `close 4002`.
    List<String> written() {
        channel.runPendingTasks();
        var written = new ArrayList<String>();
        for (ByteBuf each = channel.readOutbound(); each != null; each = channel.readOutbound()) {
            if (each.isReadable()) {
                written.add(frame(each));
            }
            each.release();
        }
        return written;
    }

    private static String frame(ByteBuf frame) {
        int opcode = frame.readByte() & 0xF;
        int length = frame.readUnsignedByte();
        if (length == 126) {
            length = frame.readUnsignedShort();
        }
        assertThat(frame.readableBytes()).isEqualTo(length);
        return switch (opcode) {
            case 1 -> frame.toString(StandardCharsets.UTF_8);
            case 8 -> length == 0 ? "close" : "close " + frame.readUnsignedShort();
            case 9 -> "ping";
            case 10 -> "pong " + frame.toString(StandardCharsets.UTF_8);
            default -> "opcode " + opcode;
        };
    }
}
