package io.switchboard.edge.socket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.websocketx.Utf8FrameValidator;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketHandshakeException;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import io.netty.util.ReferenceCountUtil;
import io.switchboard.edge.delivery.EdgeCounter;
import io.switchboard.schemas.ClientFrame;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads the HTTP requests of a new channel, until one of them turns it into something else.
///
/// Confined to the channel's event loop.
final class Reception extends ChannelInboundHandlerAdapter implements Rounds.Visited {
    private static final Logger LOG = LoggerFactory.getLogger(Reception.class);
    private static final int RETRY_AFTER_SECONDS = 2;
    private static final String CONTENT_SECURITY =
            "default-src 'self'; connect-src 'self' ws: wss:; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

    private static final WebSocketDecoderConfig DECODER =
            WebSocketDecoderConfig.newBuilder()
                    .maxFramePayloadLength(ClientFrame.MAX_BYTES)
                    .allowExtensions(false)
                    .closeOnProtocolViolation(false)
                    .withUTF8Validator(false) // we add our own, behind the aggregator's place
                    .build();

    private final Front front;
    private final Loop loop;
    private final Budget budget;
    private final StaticFiles files;
    private final boolean admitted;
    private long dueMillis;
    private int slot = -1;

    /// @param admitted false: too many connections, whatever is asked gets 503
    Reception(Front front, Loop loop, Budget budget, StaticFiles files, boolean admitted) {
        this.front = front;
        this.loop = loop;
        this.budget = budget;
        this.files = files;
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

    private @Nullable ChannelHandlerContext context;

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
            dueMillis = deadline();
            onRequest(context, request);
        } finally {
            request.release();
        }
    }

    private void onRequest(ChannelHandlerContext context, FullHttpRequest request) {
        if (request.decoderResult().isFailure()) {
            answer(context, request, HttpResponseStatus.BAD_REQUEST, "the request is malformed");
            return;
        }
        var path = new QueryStringDecoder(request.uri()).rawPath();
        if (path.equals("/ws")) {
            onWebSocket(context, request);
        } else if (request.method().equals(HttpMethod.GET)
                || request.method().equals(HttpMethod.HEAD)) {
            onFile(context, request, path);
        } else {
            answer(context, request, HttpResponseStatus.METHOD_NOT_ALLOWED, "only GET here");
        }
    }

    // --- WebSocket

    private void onWebSocket(ChannelHandlerContext context, FullHttpRequest request) {
        if (refusesNewcomers(context, request)) {
            return;
        }
        var offered = request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
        if (offered != null && !offers(offered, WebSocketPeer.SUBPROTOCOL)) {
            answer(
                    context,
                    request,
                    HttpResponseStatus.BAD_REQUEST,
                    "subprotocol '%s' (expected: %s, or none)"
                            .formatted(offered, WebSocketPeer.SUBPROTOCOL));
            return;
        }
        var handshaker =
                new WebSocketServerHandshakerFactory("/ws", WebSocketPeer.SUBPROTOCOL, DECODER)
                        .newHandshaker(request);
        if (handshaker == null) {
            answer(
                    context,
                    request,
                    HttpResponseStatus.UPGRADE_REQUIRED,
                    "WebSocket version 13 is spoken here");
            return;
        }
        var peer =
                new WebSocketPeer(
                        context.channel(),
                        front,
                        loop,
                        budget,
                        ConnectionIds.next(),
                        request.headers().get(HttpHeaderNames.ORIGIN),
                        offered != null);
        try {
            handshaker
                    .handshake(context.channel(), request)
                    .addListener(
                            done -> {
                                if (done.isSuccess()) {
                                    upgrade(context, peer);
                                } else {
                                    context.close();
                                }
                            });
        } catch (WebSocketHandshakeException e) {
            answer(
                    context,
                    request,
                    HttpResponseStatus.BAD_REQUEST,
                    "no WebSocket handshake: " + e.getMessage());
        }
    }

    private static boolean offers(String offered, String wanted) {
        for (var each : offered.split(",", -1)) {
            if (each.strip().equals(wanted)) {
                return true;
            }
        }
        return false;
    }

    /// Only what reads frames stays: what we write is encoded already.
    private static void upgrade(ChannelHandlerContext context, WebSocketPeer peer) {
        var pipeline = context.pipeline();
        pipeline.addLast(
                new Utf8FrameValidator(false),
                new WebSocketFrameAggregator(ClientFrame.MAX_BYTES),
                peer);
        pipeline.remove("wsencoder");
        pipeline.remove(context.handler());
        peer.greet();
    }

    private boolean refusesNewcomers(ChannelHandlerContext context, FullHttpRequest request) {
        if (!admitted) {
            answer(
                    context,
                    request,
                    HttpResponseStatus.SERVICE_UNAVAILABLE,
                    "too many connections: come back");
            return true;
        }
        if (front.closed().getAsBoolean()) {
            front.meters().increment(EdgeCounter.CONNECTIONS_REFUSED_AWAY);
            answer(
                    context,
                    request,
                    HttpResponseStatus.SERVICE_UNAVAILABLE,
                    "no new connections now: come back");
            return true;
        }
        return false;
    }

    // --- files

    private void onFile(ChannelHandlerContext context, FullHttpRequest request, String path) {
        if (path.equals("/") || path.equals("/desk")) {
            var there = response(HttpResponseStatus.FOUND, Unpooled.EMPTY_BUFFER);
            there.headers().set(HttpHeaderNames.LOCATION, "/desk/");
            send(context, request, there);
            return;
        }
        var file = files.find(path);
        if (file == null) {
            answer(context, request, HttpResponseStatus.NOT_FOUND, "nothing is here");
            return;
        }
        var known = file.etag().equals(request.headers().get(HttpHeaderNames.IF_NONE_MATCH));
        var head = request.method().equals(HttpMethod.HEAD);
        var answer =
                response(
                        known ? HttpResponseStatus.NOT_MODIFIED : HttpResponseStatus.OK,
                        known || head
                                ? Unpooled.EMPTY_BUFFER
                                : Unpooled.wrappedBuffer(file.content()));
        answer.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, file.type())
                .set(HttpHeaderNames.ETAG, file.etag())
                .set(HttpHeaderNames.CACHE_CONTROL, "no-cache");
        send(context, request, answer);
    }

    // --- answers

    private static void answer(
            ChannelHandlerContext context,
            FullHttpRequest request,
            HttpResponseStatus status,
            String sentence) {
        var body = Unpooled.copiedBuffer(sentence + "\n", StandardCharsets.UTF_8);
        var answer = response(status, body);
        answer.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
        if (status.equals(HttpResponseStatus.SERVICE_UNAVAILABLE)) {
            // Spread, so that who was refused together does not come back together.
            int seconds = RETRY_AFTER_SECONDS + ThreadLocalRandom.current().nextInt(4);
            answer.headers().set(HttpHeaderNames.RETRY_AFTER, seconds);
        }
        if (status.equals(HttpResponseStatus.UPGRADE_REQUIRED)) {
            answer.headers().set(HttpHeaderNames.UPGRADE, "websocket");
        }
        send(context, request, answer);
    }

    private static FullHttpResponse response(HttpResponseStatus status, ByteBuf body) {
        var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
        response.headers()
                .set("X-Content-Type-Options", "nosniff")
                .set("Referrer-Policy", "no-referrer")
                .set("Content-Security-Policy", CONTENT_SECURITY);
        return response;
    }

    private static void send(
            ChannelHandlerContext context, FullHttpRequest request, FullHttpResponse response) {
        boolean keep = HttpUtil.isKeepAlive(request) && response.status().code() < 400;
        if (!response.status().equals(HttpResponseStatus.NOT_MODIFIED)) {
            response.headers()
                    .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
        }
        HttpUtil.setKeepAlive(response, keep);
        var sent = context.writeAndFlush(response);
        if (!keep) {
            sent.addListener(ChannelFutureListener.CLOSE);
        }
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
        if (!(cause instanceof IOException)) {
            LOG.atInfo().log("A request could not be read: {}", cause.toString());
        }
        context.close();
    }
}
