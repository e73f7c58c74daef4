package io.switchboard.edge.socket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.switchboard.edge.delivery.EdgeMeters;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.CloseCode;
import io.switchboard.schemas.LaneId;
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
        /// @param offset of it at `to`
        /// @param positions where its connection then stands, for links that carry it; else empty
        /// @param sentMillis when it was hinted; 0: not live
        /// @param lane of the event; null: it says what was lost
        record Event(
                byte[] frame,
                Address to,
                long offset,
                String positions,
                long sentMillis,
                @Nullable LaneId lane)
                implements Item {}

        record Control(byte[] frame) implements Item {}

        record Ping(long number) implements Item {}

        record Close(CloseCode code) implements Item {}
    }

    /// What one turn wrote, in order: to whom, and what.
    private static final class Batch {
        final ArrayList<Peer> peers = new ArrayList<>();
        final ArrayList<Item> items = new ArrayList<>();
    }

    /// How an event becomes a WebSocket frame: of it alone, so that peers can share the result.
    interface Encoder {
        ByteBuf encode(ByteBufAllocator allocator, Item.Event event);
    }

    static final Encoder AS_IT_IS = (allocator, event) -> WireFrames.text(allocator, event.frame());

    private final EventLoop loop;
    private final EdgeMeters meters;
    private final InstantSource clock;
    private final WrittenEvents written;
    private Batch turn = new Batch();

    /// What was handed over last: the next peer often gets the same. *The delivery thread's.*
    private Item.@Nullable Event last;

    /// The event that was encoded last, and how, while a batch is written: the next peer often gets
    /// the same. *The event loop's.*
    private byte @Nullable [] encodedFrom;

    private @Nullable Encoder encodedBy;

    private @Nullable ByteBuf encoded;

    Outbox(EventLoop loop, EdgeMeters meters, InstantSource clock, WrittenEvents written) {
        this.loop = loop;
        this.meters = meters;
        this.clock = clock;
        this.written = written;
    }

    void add(Peer peer, Item item) {
        turn.peers.add(peer);
        turn.items.add(item);
    }

    /// An event that goes to many is one item for all who get it in a row.
    ///
    /// @param positions empty: the peer's frames carry none
    @SuppressWarnings("ReferenceEquality") // the same array, not an equal one
    void addEvent(
            Peer peer,
            byte[] frame,
            Address to,
            long offset,
            String positions,
            long sentMillis,
            @Nullable LaneId lane) {
        var it = last;
        if (it == null || it.frame() != frame || !positions.isEmpty() || it.lane() != lane) {
            it = new Item.Event(frame, to, offset, positions, sentMillis, lane);
            last = positions.isEmpty() ? it : null;
        }
        add(peer, it);
    }

    void endTurn() {
        if (turn.peers.isEmpty()) {
            return;
        }
        var batch = turn;
        turn = new Batch();
        last = null;
        loop.execute(() -> write(batch));
    }

    private void write(Batch batch) {
        var peers = batch.peers;
        var items = batch.items;
        for (int i = 0; i < peers.size(); i++) {
            peers.get(i).write(items.get(i), this);
        }
        forgetEncoded();
        for (int i = 0; i < peers.size(); i++) {
            peers.get(i).flush();
        }
        long now = clock.millis();
        written.endTurn(now);
        tell(items, now);
    }

    /// What went to many in a row is told once.
    @SuppressWarnings("ReferenceEquality") // the same item, not an equal one
    private void tell(List<Item> items, long now) {
        Item before = null;
        for (var each : items) {
            if (each instanceof Item.Event event && event != before && event.sentMillis() > 0) {
                meters.hintedToWritten(now - event.sentMillis());
            }
            before = each;
        }
        if (meters.traces()) {
            for (var each : items) {
                if (each instanceof Item.Event event) {
                    meters.written(event.frame(), event.sentMillis(), now);
                }
            }
        }
    }

    /// The peer has it in its channel.
    void onWritten(String connection, Item.Event event) {
        if (event.lane() != null) {
            written.add(event.lane(), event.offset(), connection);
        }
    }

    /// The WebSocket frame of this event, encoded once for all peers that get it in a row. The
    /// caller owns one reference.
    @SuppressWarnings("ReferenceEquality") // the same array and encoder, not equal ones
    ByteBuf shared(Item.Event event, Encoder encoder) {
        var last = encoded;
        if (last == null || encodedFrom != event.frame() || encodedBy != encoder) {
            forgetEncoded();
            last = encoder.encode(ByteBufAllocator.DEFAULT, event);
            encoded = last;
            encodedFrom = event.frame();
            encodedBy = encoder;
        }
        return last.retainedDuplicate();
    }

    private void forgetEncoded() {
        if (encoded != null) {
            encoded.release();
        }
        encoded = null;
        encodedFrom = null;
        encodedBy = null;
    }
}
