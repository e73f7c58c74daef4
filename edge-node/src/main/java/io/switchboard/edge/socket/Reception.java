package io.switchboard.edge.socket;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.ReferenceCountUtil;
import io.switchboard.edge.delivery.EdgeCounter;
import io.switchboard.schemas.CloseCode;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads the HTTP requests of a new channel, until one of them turns it into something else.
///
/// Confined to the channel's event loop.
final class Reception extends ChannelInboundHandlerAdapter implements Rounds.Visited {
    private static final Logger LOG = LoggerFactory.getLogger(Reception.class);
    private static final String WEB_SOCKET = "/ws";

    /// Where Centrifuge's SDKs expect it.
    private static final String CENTRIFUGE = "/connection/websocket";

    private final Front front;
    private final Loop loop;
    private final Budget budget;
    private final StaticFiles files;
    private final EventStreams streams;
    private final boolean admitted;
    private long dueMillis;
    private int slot = -1;
    private @Nullable ChannelHandlerContext context;

    /// @param admitted false: too many connections, whatever is asked gets 503
    Reception(
            Front front,
            Loop loop,
            Budget budget,
            StaticFiles files,
            EventStreams streams,
            boolean admitted) {
        this.front = front;
        this.loop = loop;
        this.budget = budget;
        this.files = files;
        this.streams = streams;
        this.admitted = admitted;
        this.dueMillis = deadline();
    }

    private long deadline() {
        return front.clock().millis() + front.settings().connectTimeout().toMillis();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        this.context = context;
        loop.rounds().add(this);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        loop.rounds().remove(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof FullHttpRequest request)) {
            ReferenceCountUtil.release(message);
            return;
        }
        try {
            if (!context.channel().isWritable()) {
                // Its answers would pile up here: nobody needs more of them under way.
                front.meters().increment(EdgeCounter.REQUESTS_UNREAD);
                context.close();
                return;
            }
            dueMillis = deadline();
            onRequest(context, request);
        } finally {
            request.release();
        }
    }

    private void onRequest(ChannelHandlerContext context, FullHttpRequest request) {
        if (request.decoderResult().isFailure()) {
            HttpAnswers.sentence(
                    context, request, HttpResponseStatus.BAD_REQUEST, "the request is malformed");
            return;
        }
        var path = new QueryStringDecoder(request.uri()).rawPath();
        if (path.equals(WEB_SOCKET)) {
            onWebSocket(context, request, V1Peer.SUBPROTOCOL, this::ownPeer);
        } else if (path.equals(CENTRIFUGE)) {
            onWebSocket(context, request, CentrifugePeer.SUBPROTOCOL, this::centrifugePeer);
        } else if (path.equals(EventStreams.PATH) || path.startsWith(EventStreams.PATH + "/")) {
            streams.onRequest(context, request, loop, this::refusal);
        } else if (request.method().equals(HttpMethod.GET)
                || request.method().equals(HttpMethod.HEAD)) {
            onFile(context, request, path);
        } else {
            HttpAnswers.sentence(
                    context, request, HttpResponseStatus.METHOD_NOT_ALLOWED, "only GET here");
        }
    }

    // --- WebSocket

    /// @param peer makes the one that speaks with it
    private void onWebSocket(
            ChannelHandlerContext context,
            FullHttpRequest request,
            String subprotocol,
            BiFunction<ChannelHandlerContext, FullHttpRequest, WebSocketPeer> peer) {
        var refused = refusal();
        if (refused != null) {
            HttpAnswers.refusal(context, request, HttpResponseStatus.SERVICE_UNAVAILABLE, refused);
            return;
        }
        Upgrade.accept(context, request, subprotocol, peer);
    }

    private WebSocketPeer ownPeer(ChannelHandlerContext context, FullHttpRequest request) {
        var channel = context.channel();
        var id = ConnectionIds.next();
        var origin = request.headers().get(HttpHeaderNames.ORIGIN);
        return request.headers().contains(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL)
                ? new V1Peer(channel, front, loop, budget, id, origin)
                : new OldPeer(channel, front, loop, budget, id, origin);
    }

    private WebSocketPeer centrifugePeer(ChannelHandlerContext context, FullHttpRequest request) {
        return new CentrifugePeer(
                context.channel(),
                front,
                loop,
                budget,
                ConnectionIds.next(),
                request.headers().get(HttpHeaderNames.ORIGIN));
    }

    /// Why a newcomer is refused; null when it is not.
    private @Nullable CloseCode refusal() {
        if (!admitted) {
            return CloseCode.OVERLOADED;
        }
        if (front.closed().getAsBoolean()) {
            front.meters().increment(EdgeCounter.CONNECTIONS_REFUSED_AWAY);
            return CloseCode.INBOX_AWAY;
        }
        return budget.tryHandshake(front.clock().millis()) ? null : CloseCode.OVERLOADED;
    }

    // --- files

    private void onFile(ChannelHandlerContext context, FullHttpRequest request, String path) {
        if (path.equals("/") || path.equals("/desk")) {
            var there = HttpAnswers.response(HttpResponseStatus.FOUND, "", Unpooled.EMPTY_BUFFER);
            there.headers().set(HttpHeaderNames.LOCATION, "/desk/");
            HttpAnswers.send(context, request, there);
            return;
        }
        var file = files.find(path);
        if (file == null) {
            HttpAnswers.sentence(context, request, HttpResponseStatus.NOT_FOUND, "nothing is here");
            return;
        }
        var known = file.etag().equals(request.headers().get(HttpHeaderNames.IF_NONE_MATCH));
        var head = request.method().equals(HttpMethod.HEAD);
        var answer =
                HttpAnswers.response(
                        known ? HttpResponseStatus.NOT_MODIFIED : HttpResponseStatus.OK,
                        file.type(),
                        known || head
                                ? Unpooled.EMPTY_BUFFER
                                : Unpooled.wrappedBuffer(file.content()));
        answer.headers()
                .set(HttpHeaderNames.ETAG, file.etag())
                .set(HttpHeaderNames.CACHE_CONTROL, "no-cache");
        if (head) {
            answer.headers().set(HttpHeaderNames.CONTENT_LENGTH, file.content().length);
        }
        HttpAnswers.send(context, request, answer);
    }

    // --- time and the end

    @Override
    public void visit(long nowMillis) {
        if (nowMillis >= dueMillis && context != null) {
            context.close();
        }
    }

    @Override
    public int slot() {
        return slot;
    }

    @Override
    public void slot(int slot) {
        this.slot = slot;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // Anybody can cause it as often as they like, and the message may repeat what they sent.
        LOG.atDebug().log("A request could not be read: {}", cause.getClass().getSimpleName());
        context.close();
    }
}
