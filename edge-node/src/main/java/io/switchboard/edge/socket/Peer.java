package io.switchboard.edge.socket;

import com.fasterxml.jackson.databind.JsonNode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.switchboard.edge.delivery.Connection;
import io.switchboard.edge.delivery.EdgeCounter;
import io.switchboard.edge.delivery.Hello;
import io.switchboard.edge.delivery.Link;
import io.switchboard.edge.delivery.Listener;
import io.switchboard.runtime.AgentTokens.Verdict;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.CloseCode;
import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.Position;
import io.switchboard.schemas.ServerFrames;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One browser's session, whatever it speaks: who it is, how often it may speak, whether it is
/// still there, and how it ends. How that is said on the wire is the subclass's.
///
/// The [Link] side is called by the delivery thread; everything else is confined to the
/// connection's event loop.
abstract class Peer extends ChannelInboundHandlerAdapter implements Link, Rounds.Visited {
    private static final int BEATS_UNANSWERED = 2;
    private static final long CLOSING_MILLIS = 2_000;

    private enum Phase {
        CONNECTING,
        CONNECTED,
        CLOSING,
        CLOSED
    }

    /// What became of something that a browser published.
    enum Published {
        DONE,
        TOO_MANY,
        UNAVAILABLE
    }

    final Channel channel;
    final Front front;
    private final Loop loop;
    private final String id;
    private final Sending sending;
    private final Allowance allowance;
    private @Nullable String origin;
    private Verdict.@Nullable Verified admitted;
    private Address.@Nullable Agent agent;
    private Phase phase = Phase.CONNECTING;
    private long dueMillis;
    private int unanswered;
    private int slot = -1;

    /// The delivery thread's.
    private @Nullable Connection bound;

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
        this.id = id;
        this.origin = origin;
        this.sending = new Sending(channel, budget, () -> front.door().writable(this));
        this.allowance = new Allowance(front.settings(), front.clock());
        this.dueMillis = front.clock().millis() + front.settings().connectTimeout().toMillis();
    }

    final String id() {
        return id;
    }

    // --- what kinds of peers do differently

    /// @param outbox encodes once what goes to many
    abstract ByteBuf encode(Outbox.Item.Event event, Outbox outbox);

    abstract ByteBuf encode(byte[] frame);

    /// Asks the far end to prove that everything before has arrived; an empty buffer when it
    /// cannot be asked.
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
    boolean carriesPositions() {
        return false;
    }

    /// Whether it acknowledges by itself; another is pinged.
    boolean acknowledges() {
        return true;
    }

    /// See [Hello#together].
    boolean comesTogether() {
        return false;
    }

    // --- the delivery thread's side

    @Override
    public final void control(byte[] frame) {
        sending.add(frame.length);
        loop.outbox().add(this, new Outbox.Item.Control(frame));
    }

    @Override
    public final void event(byte[] frame, Listener at, long sentMillis) {
        hand(frame, at, sentMillis, at.lane());
    }

    @Override
    public void lost(ServerFrames.Lost lost, Listener at) {
        hand(lost.encode(), at, 0, null);
    }

    private void hand(byte[] frame, Listener at, long sentMillis, @Nullable LaneId lane) {
        var positions = carriesPositions() ? at.connection().positions() : "";
        sending.add(frame.length);
        loop.outbox().addEvent(this, frame, at.address(), at.offset(), positions, sentMillis, lane);
    }

    @Override
    public final void ping(long number) {
        loop.outbox().add(this, new Outbox.Item.Ping(number));
    }

    @Override
    public final void close(CloseCode code) {
        loop.outbox().add(this, new Outbox.Item.Close(code));
    }

    @Override
    public final boolean writable() {
        return sending.writable();
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
        sending.touch();
        switch (item) {
            case Outbox.Item.Event event -> {
                sending.onTurn(event.frame().length);
                if (phase == Phase.CONNECTED) {
                    allowance.onEventWritten();
                    channel.write(encode(event, outbox), channel.voidPromise());
                    outbox.onWritten(id, event);
                }
            }
            case Outbox.Item.Control(var frame) -> {
                sending.onTurn(frame.length);
                if (phase == Phase.CONNECTED) {
                    channel.write(encode(frame), channel.voidPromise());
                }
            }
            case Outbox.Item.Ping(var number) -> {
                if (phase == Phase.CONNECTED) {
                    channel.write(encodePing(number), channel.voidPromise());
                }
            }
            case Outbox.Item.Close(var code) -> closeNow(code);
        }
    }

    final void flush() {
        sending.flush();
    }

    /// A frame of the event loop's own: small, and not worth it when the browser does not read.
    final void say(byte[] frame) {
        if (maySay()) {
            channel.writeAndFlush(encode(frame), channel.voidPromise());
        }
    }

    final boolean maySay() {
        return isOpen() && channel.isWritable();
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

    final boolean isConnected() {
        return phase == Phase.CONNECTED;
    }

    /// Whether it may still say who it is.
    final boolean isNew() {
        return phase == Phase.CONNECTING && admitted == null;
    }

    final boolean owesBeat() {
        return unanswered > 0;
    }

    /// Something came: the far end is there.
    final void onAlive() {
        unanswered = 0;
    }

    final Allowance allowance() {
        return allowance;
    }

    /// A frame that says nothing counts too: a part of a message, a ping.
    ///
    /// @return whether it is heard
    final boolean takesFrame() {
        if (isOpen() && !allowance.maySpeak()) {
            onTooManyFrames();
        }
        return isOpen();
    }

    final void onTooManyFrames() {
        front.meters().increment(EdgeCounter.FRAMES_LIMITED);
        closeNow(CloseCode.TOO_MANY_FRAMES);
    }

    /// Something was not understood, and is answered so; who goes on like that is closed.
    final void onMisunderstood() {
        front.meters().increment(EdgeCounter.FRAMES_MALFORMED);
        if (allowance.onMisunderstood()) {
            closeNow(CloseCode.PROTOCOL_ERROR);
        }
    }

    // --- who it is

    /// Who the token stands for, if it may come in here.
    ///
    /// @return why not; null when it may
    final @Nullable CloseCode admit(String token) {
        return switch (Admission.verify(front, id, token)) {
            case Verdict.Refused(var code, _) -> code;
            case Verdict.Verified verified -> {
                var code = Admission.refusal(front, verified.agent(), origin);
                if (code == null) {
                    admitted = verified;
                }
                yield code;
            }
        };
    }

    final Verdict.@Nullable Verified admitted() {
        return admitted;
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
        var hello =
                new Hello(
                        id,
                        who.agent(),
                        who.roles(),
                        who.expiry(),
                        acknowledges(),
                        comesTogether(),
                        positions);
        if (!front.door().connect(hello, this)) {
            closeNow(CloseCode.OVERLOADED);
        }
    }

    // --- what one says who is connected

    final void acknowledge(Map<String, Position> positions) {
        if (!front.door().ack(this, positions)) {
            closeNow(CloseCode.OVERLOADED);
        }
    }

    /// A newer token. Whether it is the same agent's is judged behind the door.
    final Verdict refresh(String token) {
        var verdict = Admission.verify(front, id, token);
        if (verdict instanceof Verdict.Verified(var who, var roles, var expiry)
                && !front.door().refresh(this, who, roles, expiry)) {
            closeNow(CloseCode.OVERLOADED);
        }
        return verdict;
    }

    /// @param then hears, on the event loop, now or later, what became of it
    final void publish(String published, JsonNode data, Consumer<Published> then) {
        if (!allowance.mayPublish()) {
            front.meters().increment(EdgeCounter.PUBLISH_REFUSED);
            then.accept(Published.TOO_MANY);
            return;
        }
        front.publisher()
                .publish(
                        agent(),
                        published,
                        data,
                        done -> channel.eventLoop().execute(() -> onPublished(done, then)));
    }

    private void onPublished(boolean done, Consumer<Published> then) {
        front.meters().increment(done ? EdgeCounter.PUBLISHED : EdgeCounter.PUBLISH_REFUSED);
        then.accept(done ? Published.DONE : Published.UNAVAILABLE);
    }

    final Address.Agent agent() {
        return Objects.requireNonNull(agent, "not connected");
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
        dueMillis = nowMillis + front.settings().heartbeat().toMillis();
        if (sendBeat()) {
            unanswered++;
        }
    }

    /// Says why, and closes once the far end has closed too, or a little later: closing at once
    /// could destroy the reason on its way.
    final void closeNow(CloseCode code) {
        if (isOpen()) {
            front.meters().closed(code);
            end(encodeClose(code));
        }
    }

    final void end(ByteBuf goodbye) {
        phase = Phase.CLOSING;
        dueMillis = front.clock().millis() + CLOSING_MILLIS;
        var said = channel.writeAndFlush(goodbye);
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

    static ByteBuf nothing() {
        return Unpooled.EMPTY_BUFFER;
    }
}
