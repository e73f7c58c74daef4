package io.switchboard.bench.far;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One person's browser. It outlives its sockets: numbers and positions stay, as in a page.
///
/// Confined to its event loop.
final class Browser {
    private static final byte[] POS = "\"pos\":\"".getBytes(US_ASCII);
    private static final byte[] TO_AGENT = "\"to\":\"agent\"".getBytes(US_ASCII);
    private static final byte[] RECONNECT = "\"reconnect_in_ms\":".getBytes(US_ASCII);
    private static final int MAX_POSITION = 48;

    private final Group group;
    private final int index;
    private final byte[][] positions = new byte[2][];
    private final int[] lengths = new int[2];
    private final long[] last = new long[2];

    /// Signed once: a page has its token before it connects.
    private @Nullable String token;

    private @Nullable Channel channel;
    private boolean unacknowledged;
    private boolean online;
    private boolean sentAway;

    /// Since when it is not online though it should be; 0: it is, or never was.
    private long awayNanos;

    Browser(Group group, int index) {
        this.group = group;
        this.index = index;
    }

    Group group() {
        return group;
    }

    int index() {
        return index;
    }

    @Nullable Channel channel() {
        return channel;
    }

    boolean isOnline() {
        return online;
    }

    void connect() {
        if (token == null) {
            token = group.token(this);
        }
        say(
                "{\"event\":\"CONNECT\",\"data\":{\"client_token\":\""
                        + token
                        + "\",\"positions\":{"
                        + positions()
                        + "}}}");
    }

    void say(String text) {
        var it = channel;
        if (it != null) {
            it.writeAndFlush(Frames.text(it.alloc(), text), it.voidPromise());
        }
    }

    void onOnline() {
        if (!online) {
            online = true;
            if (awayNanos != 0) {
                group.tally().onBack(System.nanoTime() - awayNanos);
                awayNanos = 0;
            }
            group.onOnline();
        }
    }

    /// Its absence was meant, and ends.
    void comeBack() {
        awayNanos = System.nanoTime();
        group.connect(this);
    }

    void onLost() {
        group.tally().lost.increment();
    }

    /// Leaves when it was asked to, and comes back elsewhere at once: the wait before it was its
    /// jitter.
    void onGoAway(ByteBuf frame, int at, int length) {
        int begin = find(frame, at, length, RECONNECT);
        long millis = 0;
        for (int i = begin; begin >= 0 && Character.isDigit(frame.getByte(i)); i++) {
            millis = millis * 10 + frame.getByte(i) - '0';
        }
        var leaving = channel;
        if (leaving != null) {
            leaving.eventLoop()
                    .schedule(
                            () -> {
                                sentAway = true;
                                leaving.close();
                            },
                            millis,
                            TimeUnit.MILLISECONDS);
        }
    }

    private void onClosed() {
        group.tally().closed.increment();
        channel = null;
        if (online) {
            online = false;
            awayNanos = System.nanoTime();
            group.onOffline();
        }
        boolean atOnce = sentAway;
        sentAway = false;
        if (atOnce) {
            group.connect(this);
        } else {
            group.onClosed(this);
        }
    }

    // --- events

    void onEvent(ByteBuf frame, int at, int length) {
        int stamp = Stamp.find(frame, at, length);
        if (stamp < 0) {
            return;
        }
        int feed = group.hasFeeds() ? feedOf(frame, at, length) : 0;
        long number = Stamp.number(frame, stamp);
        group.tally().onEvent(Stamp.nanos(frame, stamp), number, last[feed]);
        last[feed] = Math.max(last[feed], number);
    }

    private static int feedOf(ByteBuf frame, int at, int length) {
        return find(frame, at, length, TO_AGENT) < 0 ? 1 : 0;
    }

    void keepPosition(ByteBuf frame, int at, int length) {
        int feed = group.hasFeeds() ? feedOf(frame, at, length) : 0;
        int begin = find(frame, at, length, POS);
        int end = begin < 0 ? -1 : frame.indexOf(begin, at + length, (byte) '"');
        if (end < 0 || end - begin > MAX_POSITION) {
            return;
        }
        var kept = positions[feed];
        if (kept == null) {
            kept = new byte[MAX_POSITION];
            positions[feed] = kept;
        }
        frame.getBytes(begin, kept, 0, end - begin);
        lengths[feed] = end - begin;
        if (!unacknowledged && group.acknowledges()) {
            unacknowledged = true;
            group.acknowledgeSoon(this);
        }
    }

    /// @return index behind it; -1: not there
    private static int find(ByteBuf frame, int at, int length, byte[] what) {
        int end = at + length - what.length;
        for (int i = at; i <= end; i++) {
            int matched = 0;
            while (matched < what.length && frame.getByte(i + matched) == what[matched]) {
                matched++;
            }
            if (matched == what.length) {
                return i + matched;
            }
        }
        return -1;
    }

    void acknowledge() {
        unacknowledged = false;
        if (online) {
            say("{\"event\":\"ACK\",\"data\":{" + positions() + "}}");
        }
    }

    /// As the members of a JSON object.
    String positions() {
        var text = new StringBuilder();
        for (int feed = 0; feed < positions.length; feed++) {
            var kept = positions[feed];
            if (kept != null) {
                text.append(text.isEmpty() ? "\"" : ",\"")
                        .append(feed == 0 ? "agent" : "role:" + group.role())
                        .append("\":\"")
                        .append(new String(kept, 0, lengths[feed], US_ASCII))
                        .append('"');
            }
        }
        return text.toString();
    }

    // --- the socket

    Socket socket() {
        return new Socket();
    }

    /// One connection: the handshake, then frames.
    final class Socket extends ByteToMessageDecoder {
        private static final byte[] END = "\r\n\r\n".getBytes(US_ASCII);
        private static final byte[] SWITCHING = "HTTP/1.1 101".getBytes(US_ASCII);
        private boolean upgraded;

        @Override
        public void channelActive(ChannelHandlerContext context) {
            channel = context.channel();
            var dialect = group.dialect();
            context.writeAndFlush(
                    Unpooled.wrappedBuffer(
                            Frames.handshake(dialect.path(index), dialect.subprotocol())));
        }

        @Override
        protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
            if (!upgraded) {
                onHandshake(context, in);
                return;
            }
            int at = in.readerIndex();
            int readable = in.readableBytes();
            if (readable < 2) {
                return;
            }
            int opcode = in.getByte(at) & 0x0F;
            long length = in.getByte(at + 1) & 0x7F;
            int header = length < 126 ? 2 : length == 126 ? 4 : 10;
            if (readable < header) {
                return;
            }
            if (header == 4) {
                length = in.getUnsignedShort(at + 2);
            } else if (header == 10) {
                length = in.getLong(at + 2);
            }
            if (readable < header + length) {
                return;
            }
            onFrame(context, opcode, in, at + header, (int) length);
            in.skipBytes(header + (int) length);
        }

        private void onHandshake(ChannelHandlerContext context, ByteBuf in) {
            int end = find(in, in.readerIndex(), in.readableBytes(), END);
            if (end < 0) {
                return;
            }
            boolean accepted = find(in, in.readerIndex(), SWITCHING.length, SWITCHING) >= 0;
            in.readerIndex(end);
            if (!accepted) {
                context.close();
                return;
            }
            upgraded = true;
            group.dialect().onUpgraded(Browser.this);
        }

        private void onFrame(
                ChannelHandlerContext context, int opcode, ByteBuf in, int at, int length) {
            switch (opcode) {
                case Frames.TEXT -> group.dialect().onText(Browser.this, in, at, length);
                case Frames.PING -> {
                    var pong = context.alloc().ioBuffer(8 + length);
                    context.writeAndFlush(
                            Frames.header(pong, Frames.PONG, length).writeBytes(in, at, length));
                }
                case Frames.CLOSE -> context.close();
                default -> {}
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (context.channel().equals(channel)) {
                onClosed();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (!(cause instanceof IOException)) {
                cause.printStackTrace();
            }
            context.close();
        }
    }
}
