package io.switchboard.edge.socket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.switchboard.edge.delivery.Connection;
import io.switchboard.edge.delivery.EdgeCounter;
import io.switchboard.edge.delivery.Hello;
import io.switchboard.edge.delivery.Link;
import io.switchboard.runtime.AgentTokens.Verdict;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.ClientFrame;
import io.switchboard.schemas.CloseCode;
import io.switchboard.schemas.ErrorCode;
import io.switchboard.schemas.Position;
import io.switchboard.schemas.ServerFrames;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One browser's socket: takes its frames, verifies its token, passes the rest through the door,
/// and writes what comes back. Whether it is a WebSocket or an event stream is the subclass's.
///
/// The [Link] side is called by the delivery thread; everything else is confined to the
/// connection's event loop. What both touch is `queuedBytes` and `starved`: `starved` is set
/// before `queuedBytes` is looked at again, and cleared after it went down, so that no side waits
/// for the other.
abstract class Peer extends ChannelInboundHandlerAdapter implements Link, Rounds.Visited {
    private static final Logger LOG = LoggerFactory.getLogger(Peer.class);
    private static final int MOST_MALFORMED = 20;
    private static final int BEATS_UNANSWERED = 2;
    private static final long CLOSING_MILLIS = 2_000;
    private static final long BEATS_APART_MILLIS = 1_000;

    /// A frame's own part of what is under way: header and bookkeeping.
    private static final int FRAME_OVERHEAD = 32;

    private static final AtomicLongFieldUpdater<Peer> QUEUED =
            AtomicLongFieldUpdater.newUpdater(Peer.class, "queuedBytes");

    private enum Phase {
        CONNECTING,
        CONNECTED,
        CLOSING,
        CLOSED
    }

    final Channel channel;
    final Front front;
    private final Loop loop;
    private final Budget budget;
    private final String id;
    private final TokenBucket frames;
    private @Nullable TokenBucket publishes;
    private @Nullable String origin;
    private Verdict.@Nullable Verified admitted;
    private Address.@Nullable Agent agent;
    private Phase phase = Phase.CONNECTING;
    private long dueMillis;
    private long beatMillis;
    private int unanswered;
    private int malformed;
    private int slot = -1;
    private long batchBytes;
    private boolean touched;

    /// The delivery thread's.
    private @Nullable Connection bound;

    private volatile long queuedBytes;
    private volatile boolean starved;

    Peer(
            Channel channel,
            Front front,
            Loop loop,
            Budget budget,
            String id,
            @Nullable String origin) {
        this.channel = channel;
        this.front = front;
        this.loop = loop;
        this.budget = budget;
        this.id = id;
        this.origin = origin;
        long now = front.clock().millis();
        this.frames = new TokenBucket(front.settings().framesPerSecond(), now);
        this.dueMillis = now + front.settings().connectTimeout().toMillis();
    }

    String id() {
        return id;
    }

    // --- what kinds of peers do differently

    abstract ByteBuf encode(Outbox.Item.Frame frame, Outbox outbox);

    /// Asks the far end to prove that it is there; an empty buffer when it cannot be asked.
    abstract ByteBuf encodePing(long number);

    /// @return what tells the far end why; the channel is closed by it or a little later
    abstract ByteBuf encodeClose(CloseCode code);

    /// Asks whether it is still there.
    ///
    /// @return whether an answer is expected
    abstract boolean sendBeat();

    /// Whether the far end answers our closing, and so may be waited for.
    abstract boolean closesTogether();

    /// Whether its frames carry positions.
    abstract boolean carriesPositions();

    /// Whether it beats in frames, and acknowledges; an old client is pinged.
    abstract boolean speaksV1();

    // --- the delivery thread's side

    @Override
    public final void control(byte[] frame) {
        hand(new Outbox.Item.Frame(frame, "", 0), frame.length);
    }

    @Override
    public final void event(byte[] frame, Connection connection, long sentMillis) {
        var positions = carriesPositions() ? connection.positions() : "";
        hand(new Outbox.Item.Frame(frame, positions, sentMillis), frame.length);
    }

    @Override
    public final void ping(long number) {
        loop.outbox().add(this, new Outbox.Item.Ping(number));
    }

    @Override
    public final void close(CloseCode code) {
        loop.outbox().add(this, new Outbox.Item.Close(code));
    }

    private void hand(Outbox.Item.Frame frame, int length) {
        long bytes = (long) length + FRAME_OVERHEAD;
        QUEUED.addAndGet(this, bytes);
        budget.add(bytes);
        loop.outbox().add(this, frame);
    }

    @Override
    public final boolean writable() {
        if (budget.allows(queuedBytes)) {
            return true;
        }
        starved = true;
        if (budget.allows(queuedBytes)) {
            starved = false;
            return true;
        }
        return false;
    }

    @Override
    public final void bind(Connection connection) {
        bound = connection;
    }

    @Override
    public final @Nullable Connection bound() {
        return bound;
    }

    // --- writing, on the event loop

    final void write(Outbox.Item item, Outbox outbox) {
        switch (item) {
            case Outbox.Item.Frame frame -> {
                batchBytes += (long) frame.bytes().length + FRAME_OVERHEAD;
                if (phase == Phase.CONNECTED) {
                    channel.write(encode(frame, outbox), channel.voidPromise());
                }
            }
            case Outbox.Item.Ping(var number) ->
                    channel.write(encodePing(number), channel.voidPromise());
            case Outbox.Item.Close(var code) -> closeNow(code);
        }
        touched = true;
    }

    /// The empty write at the end is done when everything before it is.
    final void flush() {
        if (!touched) {
            return;
        }
        touched = false;
        if (batchBytes == 0) {
            channel.flush();
            return;
        }
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(new Written(batchBytes));
        batchBytes = 0;
    }

    private final class Written implements ChannelFutureListener {
        private final long bytes;

        Written(long bytes) {
            this.bytes = bytes;
        }

        @Override
        public void operationComplete(ChannelFuture done) {
            budget.add(-bytes);
            long left = QUEUED.addAndGet(Peer.this, -bytes);
            if (starved && left <= Budget.LOW_BYTES) {
                starved = false;
                front.door().writable(Peer.this);
            }
        }
    }

    /// A frame of the event loop's own: small, and not worth it when the browser does not read.
    final void say(byte[] frame) {
        if (phase.compareTo(Phase.CLOSING) < 0 && channel.isWritable()) {
            channel.writeAndFlush(encode(new Outbox.Item.Frame(frame, "", 0), loop.outbox()));
            loop.outbox().forgetEncoded();
        }
    }

    // --- reading, on the event loop

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        loop.rounds().add(this);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        loop.rounds().remove(this);
        boolean connected = agent != null;
        phase = Phase.CLOSED;
        if (connected) {
            front.door().closed(this);
        }
        context.fireChannelInactive();
    }

    final boolean isOpen() {
        return phase.compareTo(Phase.CLOSING) < 0;
    }

    /// Something came: the far end is there.
    final void onAlive() {
        unanswered = 0;
    }

    /// @param reply gets what answers this frame, now or later
    /// @return whether there is, or will be, a reply
    final boolean onFrame(byte[] bytes, Consumer<byte[]> reply) {
        if (!isOpen()) {
            return false;
        }
        if (!frames.take(front.clock().millis())) {
            front.meters().increment(EdgeCounter.FRAMES_LIMITED);
            reply.accept(ServerFrames.error(ErrorCode.TOO_MANY_FRAMES, null));
            closeNow(CloseCode.TOO_MANY_FRAMES);
            return true;
        }
        boolean answersBeat = unanswered > 0;
        onAlive();
        return switch (ClientFrame.parse(bytes)) {
            case ClientFrame.Connect(var token, var positions) ->
                    onConnect(token, positions, reply);
            case ClientFrame.Ack(var positions) -> onAck(positions, reply);
            case ClientFrame.HeartBeat _ -> onHeartBeat(answersBeat, reply);
            case ClientFrame.Refresh(var token) -> onRefresh(token, reply);
            case ClientFrame.Publish publish -> onPublish(publish, reply);
            case ClientFrame.Malformed(var error) -> onMalformed(error, reply);
        };
    }

    private boolean onConnect(
            String token, Map<String, Position> positions, Consumer<byte[]> reply) {
        if (phase != Phase.CONNECTING || admitted != null) {
            reply.accept(ServerFrames.error(ErrorCode.ALREADY_CONNECTED, null));
            return true;
        }
        var code = admit(token);
        if (code != null) {
            refuse(code, reply);
            return true;
        }
        connect(positions);
        return false;
    }

    /// Who the token stands for, if it may come in here.
    ///
    /// @return why not; null when it may
    final @Nullable CloseCode admit(String token) {
        return switch (verify(token)) {
            case Verdict.Refused(var code, _) -> code;
            case Verdict.Verified verified -> {
                var code = refusal(verified.agent());
                if (code == null) {
                    admitted = verified;
                }
                yield code;
            }
        };
    }

    /// The one who was admitted is attached.
    final void connect(Map<String, Position> positions) {
        var who = Objects.requireNonNull(admitted);
        admitted = null;
        agent = who.agent();
        origin = null;
        phase = Phase.CONNECTED;
        front.meters().increment(EdgeCounter.CONNECTIONS_ONLINE);
        long beat = front.settings().heartbeat().toMillis();
        // Spread over the period, so that a herd that came together does not beat together.
        dueMillis = front.clock().millis() + beat - Math.floorMod(id.hashCode(), (int) beat) / 4;
        var hello = new Hello(id, who.agent(), who.roles(), who.expiry(), speaksV1(), positions);
        if (!front.door().connect(hello, this)) {
            closeNow(CloseCode.OVERLOADED);
        }
    }

    private Verdict verify(String token) {
        var verdict = front.tokens().apply(token);
        if (verdict instanceof Verdict.Refused(var code, var reason)) {
            front.meters().increment(EdgeCounter.TOKENS_REFUSED);
            LOG.atInfo()
                    .addKeyValue("connection", id)
                    .addKeyValue("closeCode", code.code())
                    .log("Token refused: {}", reason);
        }
        return verdict;
    }

    private @Nullable CloseCode refusal(Address.Agent agent) {
        var app = front.apps().get().app(agent.app());
        var from = origin;
        if (app != null
                && from != null
                && !app.origins().isEmpty()
                && !app.origins().contains(from)) {
            front.meters().increment(EdgeCounter.ORIGINS_REFUSED);
            return CloseCode.ORIGIN_REFUSED;
        }
        return front.refusals().isBlocked(agent.app()) ? CloseCode.APP_BLOCKED : null;
    }

    private void refuse(CloseCode code, Consumer<byte[]> reply) {
        var error =
                code == CloseCode.APP_BLOCKED
                        ? ErrorCode.APP_IS_BLOCKED
                        : ErrorCode.TOKEN_IS_REFUSED;
        reply.accept(ServerFrames.error(error, null));
        closeNow(code);
    }

    private boolean onAck(Map<String, Position> positions, Consumer<byte[]> reply) {
        if (phase != Phase.CONNECTED) {
            return notConnected(reply);
        }
        if (!front.door().ack(this, positions)) {
            closeNow(CloseCode.OVERLOADED);
        }
        return false;
    }

    private static boolean notConnected(Consumer<byte[]> reply) {
        reply.accept(ServerFrames.error(ErrorCode.NOT_CONNECTED, null));
        return true;
    }

    /// One that answers ours is not answered, nor one that comes at once after ours: two sides
    /// that answer every beat would never stop.
    private boolean onHeartBeat(boolean answersBeat, Consumer<byte[]> reply) {
        long now = front.clock().millis();
        if (answersBeat || now - beatMillis < BEATS_APART_MILLIS) {
            return false;
        }
        beatMillis = now;
        reply.accept(ServerFrames.heartBeat());
        return true;
    }

    private boolean onRefresh(String token, Consumer<byte[]> reply) {
        if (phase != Phase.CONNECTED) {
            return notConnected(reply);
        }
        return switch (verify(token)) {
            case Verdict.Refused(var code, _) -> {
                refuse(code, reply);
                yield true;
            }
            case Verdict.Verified(var who, var roles, var expiry) -> {
                if (!front.door().refresh(this, who, roles, expiry)) {
                    closeNow(CloseCode.OVERLOADED);
                }
                yield false;
            }
        };
    }

    private boolean onPublish(ClientFrame.Publish publish, Consumer<byte[]> reply) {
        var from = agent;
        if (phase != Phase.CONNECTED || from == null) {
            return notConnected(reply);
        }
        long now = front.clock().millis();
        if (publishes == null) {
            publishes = new TokenBucket(front.settings().publishesPerSecond(), now);
        }
        var published = publish.id();
        if (!publishes.take(now)) {
            front.meters().increment(EdgeCounter.PUBLISH_REFUSED);
            reply.accept(ServerFrames.error(ErrorCode.TOO_MANY_FRAMES, published));
            return true;
        }
        front.publisher()
                .publish(
                        from,
                        published,
                        publish.data(),
                        done ->
                                channel.eventLoop()
                                        .execute(() -> onPublished(published, done, reply)));
        return true;
    }

    private void onPublished(String published, boolean done, Consumer<byte[]> reply) {
        front.meters().increment(done ? EdgeCounter.PUBLISHED : EdgeCounter.PUBLISH_REFUSED);
        reply.accept(
                done
                        ? ServerFrames.published(published)
                        : ServerFrames.error(ErrorCode.PUBLISH_IS_UNAVAILABLE, published));
    }

    private boolean onMalformed(ErrorCode error, Consumer<byte[]> reply) {
        front.meters().increment(EdgeCounter.FRAMES_MALFORMED);
        reply.accept(ServerFrames.error(error, null));
        if (++malformed >= MOST_MALFORMED) {
            closeNow(CloseCode.PROTOCOL_ERROR);
        }
        return true;
    }

    // --- time and the end

    @Override
    public final void visit(long nowMillis) {
        if (nowMillis < dueMillis) {
            return;
        }
        switch (phase) {
            case CONNECTING -> closeNow(CloseCode.CONNECT_TIMEOUT);
            case CONNECTED -> beat(nowMillis);
            case CLOSING -> channel.close();
            case CLOSED -> {}
        }
    }

    private void beat(long nowMillis) {
        if (unanswered >= BEATS_UNANSWERED) {
            front.meters().increment(EdgeCounter.HEARTBEATS_LOST);
            closeNow(CloseCode.HEARTBEAT_LOST);
            return;
        }
        beatMillis = nowMillis;
        dueMillis = nowMillis + front.settings().heartbeat().toMillis();
        if (sendBeat()) {
            unanswered++;
        }
    }

    /// Says why, and closes once the far end has closed too, or a little later: closing at once
    /// could destroy the reason on its way.
    final void closeNow(CloseCode code) {
        if (!isOpen()) {
            return;
        }
        phase = Phase.CLOSING;
        dueMillis = front.clock().millis() + CLOSING_MILLIS;
        var said = channel.writeAndFlush(encodeClose(code));
        if (!closesTogether()) {
            said.addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public final int slot() {
        return slot;
    }

    @Override
    public final void slot(int slot) {
        this.slot = slot;
    }
}
