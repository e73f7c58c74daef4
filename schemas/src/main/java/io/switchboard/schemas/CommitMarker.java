package io.switchboard.schemas;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// What a lane writes into the metadata of its commits, so that it knows its own again.
///
/// A commit is the lane's own only if [#isOf] holds: tools copy commits with their metadata, and
/// move them without. Any other commit is an operator's word.
///
/// Immutable.
///
/// @param tag of the topic's life
/// @param offset the committed offset itself
/// @param floor from where a rebuild must store; ≤ offset
/// @param generation of the shard that answered the floor
/// @param redelivery the one that is under way, if one is
/// @param skip records below it are read and stored as dropped; null: none are
/// @param at when it was written, ms since the epoch
public record CommitMarker(
        String tag,
        long offset,
        long floor,
        String generation,
        @Nullable Redelivery redelivery,
        @Nullable Long skip,
        long at) {
    private static final int VERSION = 1;

    /// The distinct events of [from, to) are sent again; those below `next` were.
    public record Redelivery(String id, long from, long to, long next) {
        public boolean done() {
            return next >= to;
        }

        public Redelivery reached(long offset) {
            return new Redelivery(id, from, to, Math.max(next, offset));
        }
    }

    /// Whether a commit with this marker, found at that offset, is what the lane itself wrote.
    public boolean isOf(LaneId lane, long committed) {
        return tag.equals(lane.tag()) && offset == committed;
    }

    /// The same, written at another time.
    public CommitMarker at(long time) {
        return new CommitMarker(tag, offset, floor, generation, redelivery, skip, time);
    }

    public String encode() {
        var node =
                Json.object()
                        .put("switchboard", VERSION)
                        .put("tag", tag)
                        .put("offset", offset)
                        .put("floor", floor)
                        .put("generation", generation)
                        .put("at", at);
        if (skip != null) {
            node.put("skip", skip);
        }
        if (redelivery != null) {
            node.putObject("redelivery")
                    .put("id", redelivery.id())
                    .put("from", redelivery.from())
                    .put("to", redelivery.to())
                    .put("next", redelivery.next());
        }
        return new String(Json.bytes(node), StandardCharsets.UTF_8);
    }

    /// Null when the metadata is anything else: empty after `kafka-consumer-groups`, or foreign.
    public static @Nullable CommitMarker decode(String metadata) {
        var node = Json.readObject(metadata.getBytes(StandardCharsets.UTF_8));
        if (node == null
                || node.path("switchboard").asInt() != VERSION
                || !node.path("offset").isIntegralNumber()
                || !node.path("floor").isIntegralNumber()) {
            return null;
        }
        return new CommitMarker(
                node.path("tag").asText(),
                node.path("offset").asLong(),
                node.path("floor").asLong(),
                node.path("generation").asText(),
                node.path("redelivery") instanceof ObjectNode under ? redelivery(under) : null,
                node.has("skip") ? node.path("skip").asLong() : null,
                node.path("at").asLong());
    }

    private static Redelivery redelivery(ObjectNode node) {
        return new Redelivery(
                node.path("id").asText(),
                node.path("from").asLong(),
                node.path("to").asLong(),
                node.path("next").asLong());
    }
}
