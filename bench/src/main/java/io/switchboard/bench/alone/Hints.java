package io.switchboard.bench.alone;

import io.netty.buffer.ByteBuf;
import io.switchboard.edge.delivery.Lanes;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.EventFrame;
import io.switchboard.schemas.Hint;
import io.switchboard.schemas.Json;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Random;
import java.util.function.IntUnaryOperator;

/// Hints as they lie in an edge's topic, one agent's after the other's, by chance: the same bytes
/// again and again, each time with the next offset of its address.
///
/// Confined to one thread.
final class Hints {
    static final String APP = "bench";
    static final Lanes LANES = new Lanes("bench", 8);

    /// Behind version and partition.
    private static final int OFFSET = 1 + 4;

    private static final int PREV = OFFSET + 8;
    private static final long SEED = 1;

    /// Of a frame, behind the number of its agent.
    private static final String END = "}}";

    private final ByteBuffer[] hints;
    private int at;

    Hints(int agents) {
        this(agents, _ -> 0);
    }

    /// @param hinted how many hints an agent had before
    Hints(int agents, IntUnaryOperator hinted) {
        hints = new ByteBuffer[agents];
        for (int i = 0; i < agents; i++) {
            hints[i] = ByteBuffer.wrap(hint(agent(i)).encode());
            hints[i].putLong(OFFSET, hinted.applyAsInt(i) - 1L);
        }
        var random = new Random(SEED);
        for (int i = agents - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            var moved = hints[i];
            hints[i] = hints[other];
            hints[other] = moved;
        }
    }

    static Address.Agent agent(int number) {
        return new Address.Agent(APP, Integer.toString(number));
    }

    static Hint hint(Address.Agent to) {
        return new Hint(to, LANES.of(to), -1, -1, Long.MAX_VALUE, frame(to));
    }

    /// Ends with whom it is for.
    static byte[] frame(Address.Agent to) {
        return EventFrame.encode(
                "Bench",
                "tag.3.1234567#0",
                to,
                LANES.of(to).position(1_234_567),
                Instant.ofEpochMilli(1_764_000_000_000L),
                null,
                null,
                Json.object()
                        .put("type", "bench")
                        .put("infos", "A new worksheet waits for you: printer on floor 3")
                        .put("agent", Integer.parseInt(to.uuid())));
    }

    /// The number of the agent that the frame which ends there is for.
    static int numberBefore(ByteBuf bytes, int end) {
        int number = 0;
        int tens = 1;
        int at = end - END.length();
        for (int each = bytes.getByte(--at); each != ':'; each = bytes.getByte(--at)) {
            number += (each - '0') * tens;
            tens *= 10;
        }
        return number;
    }

    /// To be read until it is asked for again.
    ByteBuffer next() {
        var hint = hints[at];
        at = at + 1 == hints.length ? 0 : at + 1;
        long last = hint.getLong(OFFSET);
        return hint.putLong(OFFSET, last + 1).putLong(PREV, last).position(0);
    }
}
