package io.switchboard.edge.socket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.switchboard.schemas.CloseCode;
import io.switchboard.schemas.Json;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;

/// Answers to HTTP requests, with the headers that each of ours has.
final class HttpAnswers {
    private static final int RETRY_AFTER_SECONDS = 2;
    private static final int RETRY_SPREAD_SECONDS = 4;
    private static final int FIRST_ERROR = 400;

    /// The desk draws its icon's count itself (`data:`), and falls back to the event stream of any
    /// edge node that it was given (`http:`).
    private static final String CONTENT_SECURITY =
            "default-src 'self'; img-src 'self' data:; connect-src 'self' ws: wss: http: https:; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

    private HttpAnswers() {}

    static void sentence(
            ChannelHandlerContext context,
            HttpRequest request,
            HttpResponseStatus status,
            String sentence) {
        var body = Unpooled.copiedBuffer(sentence + "\n", StandardCharsets.UTF_8);
        send(context, request, response(status, "text/plain; charset=utf-8", body));
    }

    static void json(
            ChannelHandlerContext context,
            HttpRequest request,
            HttpResponseStatus status,
            byte[] json) {
        send(context, request, response(status, "application/json", Unpooled.wrappedBuffer(json)));
    }

    /// What a WebSocket would be closed with, for one that is not there yet.
    static void refusal(
            ChannelHandlerContext context,
            HttpRequest request,
            HttpResponseStatus status,
            CloseCode code) {
        json(
                context,
                request,
                status,
                Json.bytes(Json.object().put("code", code.code()).put("reason", code.reason())));
    }

    static FullHttpResponse response(HttpResponseStatus status, String type, ByteBuf body) {
        var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
        response.headers()
                .set("X-Content-Type-Options", "nosniff")
                .set("Referrer-Policy", "no-referrer")
                .set("Content-Security-Policy", CONTENT_SECURITY);
        if (!type.isEmpty()) {
            response.headers().set(HttpHeaderNames.CONTENT_TYPE, type);
        }
        if (status.equals(HttpResponseStatus.SERVICE_UNAVAILABLE)) {
            // Spread, so that who was refused together does not come back together.
            int seconds =
                    RETRY_AFTER_SECONDS + ThreadLocalRandom.current().nextInt(RETRY_SPREAD_SECONDS);
            response.headers().set(HttpHeaderNames.RETRY_AFTER, seconds);
        }
        return response;
    }

    /// A page of another origin may read an answer of an event stream: whether it may have one is
    /// decided by its app's list.
    static void allowOrigin(HttpRequest request, io.netty.handler.codec.http.HttpResponse to) {
        var origin = request.headers().get(HttpHeaderNames.ORIGIN);
        if (origin != null) {
            to.headers()
                    .set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, origin)
                    .set(HttpHeaderNames.VARY, "Origin");
        }
    }

    static void send(
            ChannelHandlerContext context, HttpRequest request, FullHttpResponse response) {
        boolean keep = HttpUtil.isKeepAlive(request) && response.status().code() < FIRST_ERROR;
        boolean bodiless =
                response.status().equals(HttpResponseStatus.NOT_MODIFIED)
                        || response.status().equals(HttpResponseStatus.NO_CONTENT);
        if (!bodiless && !response.headers().contains(HttpHeaderNames.CONTENT_LENGTH)) {
            response.headers()
                    .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
        }
        HttpUtil.setKeepAlive(response, keep);
        var sent = context.writeAndFlush(response);
        if (!keep) {
            sent.addListener(ChannelFutureListener.CLOSE);
        }
    }
}
