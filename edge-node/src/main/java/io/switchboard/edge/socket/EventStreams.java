package io.switchboard.edge.socket;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.switchboard.schemas.CloseCode;
import io.switchboard.schemas.Position;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Event streams, where WebSocket does not get through: `GET /sse` begins one, and what its browser
/// has to say is POSTed to `/sse/<connection>/<event>`, one frame each. The connection's id, which
/// cannot be guessed, is what such a POST is trusted by.
///
/// Thread-safe.
final class EventStreams {
    static final String PATH = "/sse";

    private static final String BEARER = "Bearer ";
    private static final int POST_PARTS = 4; // "", "sse", connection, event
    private static final long PREFLIGHT_SECONDS = 600;

    private final Front front;
    private final Budget budget;
    private final Map<String, SsePeer> peers = new ConcurrentHashMap<>();

    EventStreams(Front front, Budget budget) {
        this.front = front;
        this.budget = budget;
    }

    /// @param refusal says why a newcomer is refused; null when it is not
    void onRequest(
            ChannelHandlerContext context,
            FullHttpRequest request,
            Loop loop,
            Supplier<@Nullable CloseCode> refusal) {
        if (request.method().equals(HttpMethod.OPTIONS)) {
            onPreflight(context, request);
        } else if (request.method().equals(HttpMethod.POST)) {
            onPost(context, request);
        } else if (!request.method().equals(HttpMethod.GET)) {
            HttpAnswers.sentence(
                    context, request, HttpResponseStatus.METHOD_NOT_ALLOWED, "GET or POST here");
        } else {
            var refused = refusal.get();
            if (refused == null) {
                begin(context, request, loop);
            } else {
                HttpAnswers.refusal(
                        context, request, HttpResponseStatus.SERVICE_UNAVAILABLE, refused);
            }
        }
    }

    private void onPreflight(ChannelHandlerContext context, FullHttpRequest request) {
        var answer = HttpAnswers.response(HttpResponseStatus.NO_CONTENT, "", Unpooled.EMPTY_BUFFER);
        HttpAnswers.allowOrigin(request, answer);
        answer.headers()
                .set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_METHODS, "GET, POST")
                .set(
                        HttpHeaderNames.ACCESS_CONTROL_ALLOW_HEADERS,
                        "authorization, content-type, last-event-id")
                .set(HttpHeaderNames.ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS);
        HttpAnswers.send(context, request, answer);
    }

    // --- a stream

    private void begin(ChannelHandlerContext context, FullHttpRequest request, Loop loop) {
        var token = token(request);
        var positions = positions(request);
        if (positions == null) {
            HttpAnswers.refusal(
                    context, request, HttpResponseStatus.BAD_REQUEST, CloseCode.PROTOCOL_ERROR);
            return;
        }
        var channel = context.channel();
        var peer =
                new SsePeer(
                        channel,
                        front,
                        loop,
                        budget,
                        ConnectionIds.next(),
                        request.headers().get(HttpHeaderNames.ORIGIN));
        var code = peer.admit(token);
        if (code != null) {
            HttpAnswers.refusal(
                    context,
                    request,
                    code.comeBack()
                            ? HttpResponseStatus.SERVICE_UNAVAILABLE
                            : HttpResponseStatus.FORBIDDEN,
                    code);
            return;
        }
        peers.put(peer.id(), peer);
        channel.closeFuture().addListener((ChannelFutureListener) _ -> peers.remove(peer.id()));
        context.writeAndFlush(head(request));
        var pipeline = context.pipeline();
        pipeline.addLast(peer);
        pipeline.remove(HttpObjectAggregator.class);
        pipeline.remove(context.handler());
        pipeline.remove(HttpServerCodec.class);
        peer.connect(positions);
    }

    /// The body ends with the connection: each frame is written as it is.
    private static DefaultHttpResponse head(HttpRequest request) {
        var head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        head.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream; charset=utf-8")
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store, no-transform")
                .set("X-Accel-Buffering", "no")
                .set("X-Content-Type-Options", "nosniff")
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        HttpAnswers.allowOrigin(request, head);
        return head;
    }

    private static String token(HttpRequest request) {
        var header = request.headers().get(HttpHeaderNames.AUTHORIZATION);
        if (header != null && header.startsWith(BEARER)) {
            return header.substring(BEARER.length()).strip();
        }
        return parameter(request, "client_token");
    }

    private static String parameter(HttpRequest request, String name) {
        var values = new QueryStringDecoder(request.uri()).parameters().get(name);
        return values == null ? "" : values.getFirst();
    }

    /// Of `Last-Event-ID`, which is what we wrote as `id:`, or of the query, for the first time.
    private static @Nullable Map<String, Position> positions(HttpRequest request) {
        var text = request.headers().get("Last-Event-ID");
        if (text == null) {
            text = parameter(request, "positions");
        }
        var positions = new HashMap<String, Position>();
        for (var each : text.isEmpty() ? new String[0] : text.split(";", -1)) {
            int equals = each.indexOf('=');
            var position = equals < 0 ? null : Position.tryParse(each.substring(equals + 1));
            if (position == null) {
                return null;
            }
            positions.put(each.substring(0, equals), position);
        }
        return positions;
    }

    // --- what its browser says

    private void onPost(ChannelHandlerContext context, FullHttpRequest request) {
        var parts = List.of(new QueryStringDecoder(request.uri()).path().split("/", -1));
        var peer = parts.size() == POST_PARTS ? peers.get(parts.get(2)) : null;
        if (peer == null) {
            HttpAnswers.sentence(
                    context, request, HttpResponseStatus.NOT_FOUND, "no such connection here");
            return;
        }
        var answer = new PostAnswer(context, request);
        var frame = ByteBufUtil.getBytes(request.content());
        peer.channel
                .eventLoop()
                .execute(
                        () -> {
                            if (!peer.onFrame(frame, answer::give)) {
                                answer.giveNothing();
                            }
                        });
    }

    /// Given once, on the POST's own event loop: the frame that a WebSocket would have got, or
    /// nothing.
    private static final class PostAnswer {
        private final ChannelHandlerContext context;
        private final HttpRequest request;
        private boolean given;

        PostAnswer(ChannelHandlerContext context, FullHttpRequest request) {
            this.context = context;
            this.request =
                    new DefaultHttpRequest(
                            request.protocolVersion(),
                            request.method(),
                            request.uri(),
                            request.headers());
        }

        void give(byte[] frame) {
            context.executor()
                    .execute(
                            () ->
                                    send(
                                            HttpAnswers.response(
                                                    HttpResponseStatus.OK,
                                                    "application/json",
                                                    Unpooled.wrappedBuffer(frame))));
        }

        void giveNothing() {
            context.executor()
                    .execute(
                            () ->
                                    send(
                                            HttpAnswers.response(
                                                    HttpResponseStatus.NO_CONTENT,
                                                    "",
                                                    Unpooled.EMPTY_BUFFER)));
        }

        private void send(FullHttpResponse response) {
            if (given) {
                response.release();
                return;
            }
            given = true;
            HttpAnswers.allowOrigin(request, response);
            HttpAnswers.send(context, request, response);
        }
    }
}
