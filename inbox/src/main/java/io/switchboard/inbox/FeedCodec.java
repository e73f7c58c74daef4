package io.switchboard.inbox;

import java.util.ArrayList;
import java.util.List;

/// What the edge's functions answer.
final class FeedCodec {
    private FeedCodec() {}

    static Feed feed(RedisReply reply) {
        boolean ready = reply.flag();
        long from = reply.number();
        var entries = entries(reply.list());
        var gone = Tombstones.merged(gone(reply.list()), entries);
        boolean more = reply.flag();
        long unread = reply.number();
        return new Feed(ready, from, entries, gone, more, unread, standing(reply.list()));
    }

    static List<Feed.Standing> standings(RedisReply reply) {
        var standings = new ArrayList<Feed.Standing>();
        while (reply.hasMore()) {
            standings.add(standing(reply.list()));
        }
        return standings;
    }

    private static List<Feed.Entry> entries(RedisReply flat) {
        var entries = new ArrayList<Feed.Entry>();
        while (flat.hasMore()) {
            long offset = flat.number();
            long prev = flat.number();
            var eventId = flat.text();
            var expiry = Long.parseLong(flat.text());
            entries.add(new Feed.Entry(offset, prev, eventId, expiry, flat.bytes()));
        }
        return entries;
    }

    private static List<Feed.Gone> gone(RedisReply points) {
        var gone = new ArrayList<Feed.Gone>();
        while (points.hasMore()) {
            var point = points.list();
            long through = point.number();
            int expired = (int) point.number();
            int overflow = (int) point.number();
            gone.add(new Feed.Gone(through, expired, overflow));
        }
        return gone;
    }

    private static Feed.Standing standing(RedisReply flat) {
        long top = flat.number();
        long acked = flat.number();
        long settled = flat.number();
        long base = flat.number();
        long fence = flat.number();
        var generation = flat.text();
        return new Feed.Standing(top, acked, settled, base, fence, generation, flat.flag());
    }
}
