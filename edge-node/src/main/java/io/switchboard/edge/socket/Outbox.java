package io.switchboard.edge.socket;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.switchboard.edge.delivery.EdgeMeters;
import io.switchboard.schemas.CloseCode;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the delivery thread wrote in this turn for the sockets of one event loop: handed over as
/// one task, one flush for each channel.
///
/// Filled by the delivery thread; each batch then belongs to the event loop.
final class Outbox {
    /// What a peer is given. Immutable.
    sealed interface Item {
        /// @param positions where its connection then stands, for links that carry it; else empty
        /// @param sentMillis when it was hinted; 0: not live
        record Frame(byte[] bytes, String positions, long sentMillis) implements Item {}

        record Ping(long number) implements Item {}

        record Close(CloseCode code) implements Item {}
    }

    private record Entry(Peer peer, Item item) {}

    private final EventLoop loop;
    private final EdgeMeters meters;
    private final InstantSource clock;
    private List<Entry> turn = new ArrayList<>();

    /// The frame that was encoded last, while a batch is written: the next peer often gets the
    /// same. *The event loop's.*
    private byte @Nullable [] encodedFrom;

    private @Nullable ByteBuf encoded;

    Outbox(EventLoop loop, EdgeMeters meters, InstantSource clock) {
        this.loop = loop;
        this.meters = meters;
        this.clock = clock;
    }

    void add(Peer peer, Item item) {
        turn.add(new Entry(peer, item));
    }

    void endTurn() {
        if (turn.isEmpty()) {
            return;
        }
        var batch = turn;
        turn = new ArrayList<>();
        loop.execute(() -> write(batch));
    }

    private void write(List<Entry> batch) {
        for (var each : batch) {
            each.peer().write(each.item(), this);
        }
        forgetEncoded();
        for (var each : batch) {
            each.peer().flush();
        }
        long now = clock.millis();
        for (var each : batch) {
            if (each.item() instanceof Item.Frame frame && frame.sentMillis() > 0) {
                meters.sentToWritten(now - frame.sentMillis());
            }
        }
    }

    /// The WebSocket frame of this payload, encoded once for all peers that get it in a row. The
    /// caller owns one reference.
    @SuppressWarnings("ReferenceEquality") // the same array, not an equal one
    ByteBuf webSocketFrame(byte[] payload) {
        var last = encoded;
        if (last == null || encodedFrom != payload) {
            forgetEncoded();
            last = WireFrames.text(io.netty.buffer.ByteBufAllocator.DEFAULT, payload);
            encoded = last;
            encodedFrom = payload;
        }
        return last.retainedDuplicate();
    }

    void forgetEncoded() {
        if (encoded != null) {
            encoded.release();
        }
        encoded = null;
        encodedFrom = null;
    }
}
