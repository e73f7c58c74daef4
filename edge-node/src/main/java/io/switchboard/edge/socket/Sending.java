package io.switchboard.edge.socket;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/// What is under way to one browser, from the delivery thread's hand to the socket's: counted, so
/// that a slow browser costs others nothing.
///
/// The delivery thread calls [#add] and [#writable]; the rest is the event loop's. What both touch
/// is `queuedBytes` and `starved`: `starved` is set before `queuedBytes` is looked at again, and
/// cleared after it went down, so that no side waits for the other.
final class Sending {
    /// A frame's own part of what is under way: header and bookkeeping.
    private static final int FRAME_OVERHEAD = 32;

    private static final AtomicLongFieldUpdater<Sending> QUEUED =
            AtomicLongFieldUpdater.newUpdater(Sending.class, "queuedBytes");

    private final Channel channel;
    private final Budget budget;
    private final Runnable onWritable;
    private long batchBytes;
    private boolean touched;

    private volatile long queuedBytes;
    private volatile boolean starved;

    /// @param onWritable called once after a `false` of [#writable], when there is room again
    Sending(Channel channel, Budget budget, Runnable onWritable) {
        this.channel = channel;
        this.budget = budget;
        this.onWritable = onWritable;
    }

    void add(int length) {
        long bytes = (long) length + FRAME_OVERHEAD;
        QUEUED.addAndGet(this, bytes);
        budget.add(bytes);
    }

    boolean writable() {
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

    /// What was added has its turn, whether it is written or has become pointless.
    void onTurn(int length) {
        batchBytes += (long) length + FRAME_OVERHEAD;
        touched = true;
    }

    void touch() {
        touched = true;
    }

    /// What the socket does not take at once is followed by an empty write, which is done when
    /// everything before it is.
    void flush() {
        if (!touched) {
            return;
        }
        touched = false;
        if (batchBytes == 0) {
            channel.flush();
            return;
        }
        long bytes = batchBytes;
        batchBytes = 0;
        channel.flush();
        var left = channel.unsafe().outboundBuffer();
        if (left != null && left.isEmpty()) {
            written(bytes); // the socket took it all
        } else {
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER)
                    .addListener((ChannelFutureListener) _ -> written(bytes));
        }
    }

    private void written(long bytes) {
        budget.add(-bytes);
        long left = QUEUED.addAndGet(this, -bytes);
        if (starved && left <= Budget.LOW_BYTES) {
            starved = false;
            onWritable.run();
        }
    }
}
