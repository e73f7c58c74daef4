package io.switchboard.edge.socket;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.switchboard.edge.centrifuge.ChannelPosition;
import io.switchboard.edge.centrifuge.Command;
import io.switchboard.edge.centrifuge.Disconnect;
import io.switchboard.edge.centrifuge.Failure;
import io.switchboard.edge.centrifuge.Replies;
import io.switchboard.edge.centrifuge.Replies.Expiry;
import io.switchboard.edge.delivery.Listener;
import io.switchboard.runtime.AgentTokens.Verdict;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.ClientFrame;
import io.switchboard.schemas.CloseCode;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.ServerFrames;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A browser with an SDK of Centrifuge: its addresses are server-side subscriptions, our event
/// frames their publications' data, and where it was in each is recovered.
///
/// The protocol has no acknowledgement. Its pong comes after everything that was sent before the
/// ping was handled, so it counts as one; the first `rpc` named `ack` makes acknowledging explicit.
///
/// Confined to the connection's event loop (but for [io.switchboard.edge.delivery.Link]'s methods).
final class CentrifugePeer extends WebSocketPeer {
    static final String SUBPROTOCOL = "centrifuge-json";

    /// The token is renewed a fifth of its time before its end, at most so long before.
    private static final long MARGIN_SECONDS = 30;

    private static final Outbox.Encoder PUBLICATION = CentrifugePeer::publication;

    /// Numbers of the pings that were not answered yet; 0: only to see whether it is there.
    private final ArrayDeque<Long> pings = new ArrayDeque<>(2);

    private long sent;

    /// Set before the door is passed; read by the delivery thread behind it.
    private long connectId;

    private Expiry expiry = new Expiry(null);

    CentrifugePeer(
            Channel channel,
            Front front,
            Loop loop,
            Budget budget,
            String id,
            @Nullable String origin) {
        super(channel, front, loop, budget, id, origin);
    }

    @Override
    boolean acknowledges() {
        return false;
    }

    @Override
    boolean comesTogether() {
        return true;
    }

    /// The client speaks first.
    @Override
    void greet() {}

    // --- the delivery thread's side

    @Override
    public void online(Online online, List<Listener> listeners) {
        var data =
                Json.object()
                        .put("agent", online.agent().app() + "/" + online.agent().uuid())
                        .put("role", online.roles())
                        .put("unread", online.unread());
        var subs = new ArrayList<Replies.Sub>(listeners.size());
        for (var each : listeners) {
            subs.add(
                    new Replies.Sub(
                            each.address(), each.position(), each.isRecovering(), each.isWhole()));
        }
        control(
                Replies.connected(
                        connectId,
                        online.connection(),
                        expiry,
                        data,
                        subs,
                        front.settings().heartbeat().toSeconds()));
    }

    @Override
    public void joined(Listener at) {
        control(Replies.subscribed(at.address(), at.position()));
    }

    @Override
    public void left(Address address) {
        control(Replies.unsubscribed(address));
    }

    @Override
    public void lost(ServerFrames.Lost lost, Listener at) {
        control(Replies.lost(at.address(), at.position(), lost.data()));
    }

    /// There is no such word: it is closed, and comes back after a wait of its own. Slices spread
    /// the herd.
    @Override
    public void goAway(long reconnectInMillis) {
        close(CloseCode.GO_AWAY);
    }

    // --- writing

    @Override
    ByteBuf encode(Outbox.Item.Event event, Outbox outbox) {
        return outbox.shared(event, PUBLICATION);
    }

    private static ByteBuf publication(ByteBufAllocator allocator, Outbox.Item.Event event) {
        return WireFrames.text(
                allocator,
                Replies.beforeData(event.to(), event.offset()),
                event.frame(),
                Replies.AFTER_DATA);
    }

    @Override
    ByteBuf encodePing(long number) {
        pings.add(number);
        return encode(Replies.PING);
    }

    @Override
    ByteBuf encodeClose(CloseCode code) {
        var disconnect = Disconnect.of(code);
        return WireFrames.close(channel.alloc(), disconnect.code(), disconnect.reason());
    }

    @Override
    boolean sendBeat() {
        if (channel.isWritable()) {
            channel.writeAndFlush(encodePing(0), channel.voidPromise());
        }
        return true;
    }

    // --- reading

    /// A batch of commands is answered by a batch of replies, as far as they are there at once.
    @Override
    void onText(byte[] text) {
        var batch = new Batch();
        new String(text, StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.isBlank())
                .takeWhile(_ -> isOpen())
                .forEach(line -> onCommand(line.getBytes(StandardCharsets.UTF_8), batch));
        batch.end();
    }

    /// Where replies go: into one frame while the batch is being read, later each into its own.
    private final class Batch implements Consumer<byte[]> {
        private final List<byte[]> replies = new ArrayList<>(1);
        private boolean ended;

        @Override
        public void accept(byte[] reply) {
            if (ended) {
                say(reply);
            } else {
                replies.add(reply);
            }
        }

        void end() {
            ended = true;
            if (!replies.isEmpty()) {
                say(Replies.joined(replies));
            }
        }
    }

    private void onCommand(byte[] line, Consumer<byte[]> reply) {
        var command = Command.parse(line);
        if (!(isAck(command) ? allowance().mayAcknowledge() : allowance().maySpeak())) {
            onTooManyFrames();
            return;
        }
        onAlive();
        if (command instanceof Command.Connect connect && isNew()) {
            onConnect(connect, reply);
        } else if (!isConnected()) {
            closeNow(CloseCode.PROTOCOL_ERROR); // connect comes first
        } else {
            onCommand(command, reply);
        }
    }

    private static boolean isAck(Command command) {
        return command instanceof Command.Rpc rpc && rpc.method().equals("ack");
    }

    private void onCommand(Command command, Consumer<byte[]> reply) {
        switch (command) {
            case Command.Pong _ -> onPong();
            case Command.Rpc rpc -> onRpc(rpc, reply);
            case Command.Refresh refresh -> onRefresh(refresh, reply);
            case Command.Publish publish -> onPublish(publish, reply);
            case Command.Send(var data) -> onSend(data);
            case Command.Ping(var id) -> reply.accept(Replies.done(id, "ping"));
            case Command.Subscribe(var id) ->
                    reply.accept(Replies.failed(id, Failure.PERMISSION_DENIED));
            case Command.Unsubscribe unsubscribe -> onUnsubscribe(unsubscribe, reply);
            case Command.NotOffered(var id) ->
                    reply.accept(Replies.failed(id, Failure.NOT_AVAILABLE));
            case Command.Unknown(var id) -> {
                onMisunderstood();
                reply.accept(Replies.failed(id, Failure.METHOD_NOT_FOUND));
            }
            case Command.Connect _, Command.Malformed _ -> closeNow(CloseCode.PROTOCOL_ERROR);
        }
    }

    private void onConnect(Command.Connect connect, Consumer<byte[]> reply) {
        var code = admit(connect.token());
        if (code == CloseCode.TOKEN_EXPIRED) {
            reply.accept(Replies.failed(connect.id(), Failure.TOKEN_EXPIRED));
            return;
        }
        if (code != null) {
            closeNow(code);
            return;
        }
        var who = Objects.requireNonNull(admitted());
        connectId = connect.id();
        expiry = expiry(who.expiry());
        connect(ChannelPosition.positions(who.agent(), connect.subs()));
    }

    private Expiry expiry(@Nullable Instant at) {
        if (at == null) {
            return new Expiry(null);
        }
        long left = (at.toEpochMilli() - front.clock().millis()) / 1_000;
        return new Expiry(Math.max(1, left - Math.min(MARGIN_SECONDS, left / 5)));
    }

    /// Each empty command answers the oldest ping.
    private void onPong() {
        var number = pings.poll();
        if (number != null && number > 0) {
            front.door().pong(this, number);
        }
    }

    private void onRefresh(Command.Refresh refresh, Consumer<byte[]> reply) {
        switch (refresh(refresh.token())) {
            case Verdict.Refused(var code, _) -> closeNow(code);
            case Verdict.Verified(var who, _, var until) -> {
                if (who.equals(agent())) {
                    reply.accept(Replies.refreshed(refresh.id(), id(), expiry(until)));
                } // else the door's other side closes it
            }
        }
    }

    private void onUnsubscribe(Command.Unsubscribe unsubscribe, Consumer<byte[]> reply) {
        var address = Address.tryParse(unsubscribe.channel());
        reply.accept(
                address == null
                        ? Replies.done(unsubscribe.id(), "unsubscribe")
                        : Replies.failed(unsubscribe.id(), Failure.PERMISSION_DENIED));
    }

    // --- what maps onto our own frames

    private void onRpc(Command.Rpc rpc, Consumer<byte[]> reply) {
        var frame =
                switch (rpc.method()) {
                    case "ack" -> ClientFrame.of(frame("ACK").set("data", rpc.data()));
                    case "publish" ->
                            rpc.data() instanceof ObjectNode data
                                    ? ClientFrame.of(data.deepCopy().put("event", "PUBLISH"))
                                    : null;
                    default -> null;
                };
        switch (frame) {
            case ClientFrame.Ack(var positions) -> {
                acknowledge(positions);
                reply.accept(Replies.answered(rpc.id(), Json.object()));
            }
            case ClientFrame.Publish publish -> {
                var answer = Json.object().put("id", publish.id());
                publish(
                        publish.id(),
                        publish.data(),
                        it ->
                                reply.accept(
                                        answer(it, rpc.id(), Replies.answered(rpc.id(), answer))));
            }
            case null, default -> {
                boolean known = frame != null || rpc.method().equals("publish");
                onMisunderstood();
                reply.accept(
                        Replies.failed(
                                rpc.id(), known ? Failure.BAD_REQUEST : Failure.METHOD_NOT_FOUND));
            }
        }
    }

    private static ObjectNode frame(String event) {
        return Json.object().put("event", event);
    }

    private static byte[] answer(Published published, long id, byte[] done) {
        return switch (published) {
            case DONE -> done;
            case TOO_MANY -> Replies.failed(id, Failure.TOO_MANY_REQUESTS);
            case UNAVAILABLE -> Replies.failed(id, Failure.INTERNAL);
        };
    }

    /// Into its own channel only; named after the command, which is not repeated.
    private void onPublish(Command.Publish publish, Consumer<byte[]> reply) {
        long id = publish.id();
        if (!publish.channel().equals(agent().toString())) {
            reply.accept(Replies.failed(id, Failure.PERMISSION_DENIED));
        } else if (!publish.data().isObject()) {
            reply.accept(Replies.failed(id, Failure.BAD_REQUEST));
        } else {
            publish(
                    id() + "." + id,
                    publish.data(),
                    it -> reply.accept(answer(it, id, Replies.done(id, "publish"))));
        }
    }

    private void onSend(JsonNode data) {
        if (data.isObject()) {
            publish(id() + ".s" + ++sent, data, _ -> {});
        } else {
            onMisunderstood();
        }
    }
}
