package io.switchboard.bench.alone;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.switchboard.bench.far.Frames;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/// The far ends of in-process channels, as small as they can be: each knows its number.
///
/// Thread-safe.
final class LogicalBrowsers {
    private static final byte[] HANDSHAKE = Frames.handshake("/ws", "switchboard.v1");
    private static final int END_OF_HANDSHAKE = 0x0D0A0D0A;
    private static final int SHORT_HEADER = 2;
    private static final int LONG_HEADER = 4;
    private static final int MOST_IN_SHORT = 125;
    private static final int EVENT_NAME = "{\"event\":\"".length();

    /// That many are on their way to be online at a time.
    private static final int AT_ONCE = 2_000;

    private static final long PATIENCE_NANOS = 60_000_000_000L;

    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
    private final LongAdder online = new LongAdder();
    private final LongAdder received = new LongAdder();
    private final LongAdder strayed = new LongAdder();
    private final LongAdder closed = new LongAdder();
    private final LocalAddress address;
    private final boolean bare;
    private int opened;

    /// @param bare nothing is said: being connected is all
    LogicalBrowsers(LocalAddress address, boolean bare) {
        this.address = address;
        this.bare = bare;
    }

    /// Until there are so many.
    void open(int count) throws InterruptedException {
        while (opened < count) {
            int until = Math.min(count, opened + AT_ONCE);
            while (opened < until) {
                connect(opened++);
            }
            await(this::online, until);
        }
    }

    private long online() {
        if (closed() > 0) {
            throw new IllegalStateException(
                    "%d of %d were closed (expected: none)".formatted(closed(), opened));
        }
        return online.sum();
    }

    /// By an address of its own: the one that Netty would choose, a hash of 32 bits, is not unique
    /// among so many.
    private void connect(int number) {
        new Bootstrap()
                .group(loops)
                .channel(LocalChannel.class)
                .handler(new Browser(number))
                .connect(address, new LocalAddress("browser-" + number));
    }

    static void await(LongSupplier count, long expected) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (count.getAsLong() < expected) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(
                        "%d after a minute (expected: %d)".formatted(count.getAsLong(), expected));
            }
            Thread.sleep(1);
        }
    }

    int opened() {
        return opened;
    }

    long received() {
        return received.sum();
    }

    /// Events that came to somebody else.
    long strayed() {
        return strayed.sum();
    }

    long closed() {
        return closed.sum();
    }

    private final class Browser extends SimpleChannelInboundHandler<ByteBuf> {
        private final int number;

        Browser(int number) {
            this.number = number;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            if (bare) {
                online.increment();
            } else {
                context.writeAndFlush(Unpooled.wrappedBuffer(HANDSHAKE));
            }
        }

        /// What came since the last time, whole frames: the channel joins them, and cuts none.
        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf in) {
            int at = in.readerIndex();
            if (in.isReadable() && in.getByte(at) == 'H') {
                at = behindHandshake(in);
            }
            while (at < in.writerIndex()) {
                int length = in.getByte(at + 1) & 0x7F;
                at += SHORT_HEADER;
                if (length > MOST_IN_SHORT) {
                    length = in.getUnsignedShort(at);
                    at += LONG_HEADER - SHORT_HEADER;
                }
                onFrame(context, in, at, at + length);
                at += length;
            }
        }

        private static int behindHandshake(ByteBuf in) {
            int at = in.readerIndex();
            while (in.getInt(at) != END_OF_HANDSHAKE) {
                at++;
            }
            return at + Integer.BYTES;
        }

        private void onFrame(ChannelHandlerContext context, ByteBuf in, int at, int end) {
            if (end - at <= EVENT_NAME) {
                return;
            }
            switch (in.getByte(at + EVENT_NAME)) {
                case 'C' -> connect(context);
                case 'O' -> online.increment();
                case 'B' -> onEvent(in, end);
                default -> {}
            }
        }

        /// Its number is its token.
        private void connect(ChannelHandlerContext context) {
            context.writeAndFlush(
                    Frames.text(
                            context.alloc(),
                            "{\"event\":\"CONNECT\",\"data\":{\"client_token\":\"%d\"}}"
                                    .formatted(number)));
        }

        private void onEvent(ByteBuf in, int end) {
            if (Hints.numberBefore(in, end) != number) {
                strayed.increment();
            }
            received.increment();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            closed.increment();
        }
    }
}
