package io.switchboard.edge.socket;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.websocketx.Utf8FrameValidator;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketHandshakeException;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker13;
import io.netty.handler.codec.http.websocketx.WebSocketVersion;
import io.switchboard.schemas.ClientFrame;
import java.nio.charset.StandardCharsets;
import java.util.function.BiFunction;

/// From an HTTP request to a WebSocket (RFC 6455 §4.2): the handshake, and the pipeline behind it,
/// in which only what reads frames stays, since what we write is encoded already.
///
/// Confined to the channel's event loop.
final class Upgrade {
    private static final String VERSION = WebSocketVersion.V13.toHttpHeaderValue();

    private static final WebSocketDecoderConfig DECODER =
            WebSocketDecoderConfig.newBuilder()
                    .maxFramePayloadLength(ClientFrame.MAX_BYTES)
                    .allowExtensions(false)
                    .closeOnProtocolViolation(false)
                    .withUTF8Validator(false) // we add our own, behind the aggregator's place
                    .build();

    private Upgrade() {}

    /// @param context of the handler that read the request, and goes
    /// @param peer makes the one that speaks with it
    static void accept(
            ChannelHandlerContext context,
            FullHttpRequest request,
            String subprotocol,
            BiFunction<ChannelHandlerContext, FullHttpRequest, WebSocketPeer> peer) {
        var offered = request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
        if (offered != null && !offers(offered, subprotocol)) {
            HttpAnswers.sentence(
                    context,
                    request,
                    HttpResponseStatus.BAD_REQUEST,
                    "subprotocol '%s' (expected: %s, or none)".formatted(offered, subprotocol));
            return;
        }
        // Netty would speak the drafts before it as well, one of them to who names no version.
        if (!VERSION.equals(request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_VERSION))) {
            refuseVersion(context, request);
            return;
        }
        var handshaker = new WebSocketServerHandshaker13(request.uri(), subprotocol, DECODER);
        var made = peer.apply(context, request);
        try {
            handshaker
                    .handshake(context.channel(), request)
                    .addListener(
                            done -> {
                                if (done.isSuccess()) {
                                    upgrade(context, made);
                                } else {
                                    context.close();
                                }
                            });
        } catch (WebSocketHandshakeException e) {
            HttpAnswers.sentence(
                    context,
                    request,
                    HttpResponseStatus.BAD_REQUEST,
                    "no WebSocket handshake: " + e.getMessage());
        }
    }

    private static void refuseVersion(ChannelHandlerContext context, FullHttpRequest request) {
        var said =
                Unpooled.copiedBuffer(
                        "WebSocket version 13 is spoken here\n", StandardCharsets.US_ASCII);
        var answer =
                HttpAnswers.response(
                        HttpResponseStatus.UPGRADE_REQUIRED, "text/plain; charset=utf-8", said);
        answer.headers().set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, VERSION);
        HttpAnswers.send(context, request, answer);
    }

    private static boolean offers(String offered, String wanted) {
        for (var each : offered.split(",", -1)) {
            if (each.strip().equals(wanted)) {
                return true;
            }
        }
        return false;
    }

    private static void upgrade(ChannelHandlerContext context, WebSocketPeer peer) {
        var pipeline = context.pipeline();
        pipeline.addLast(
                new Utf8FrameValidator(false),
                new Fragments(peer),
                new WebSocketFrameAggregator(ClientFrame.MAX_BYTES),
                peer);
        pipeline.remove("wsencoder");
        pipeline.remove(context.handler());
        peer.greet();
    }
}
