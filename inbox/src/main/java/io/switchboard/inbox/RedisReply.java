package io.switchboard.inbox;

import io.switchboard.schemas.EdgeRef;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A function's answer, read from front to back.
///
/// Confined to the reader.
final class RedisReply {
    private final List<?> values;
    private int at;

    RedisReply(List<?> values) {
        this.values = values;
    }

    boolean hasMore() {
        return at < values.size();
    }

    boolean isNumber() {
        return at < values.size() && values.get(at) instanceof Long;
    }

    String text() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    byte[] bytes() {
        return (byte[]) next("bytes");
    }

    long number() {
        return (Long) next("a number");
    }

    /// Absent when the answer ends here, or has nothing in this place.
    @Nullable Long numberOrNull() {
        return at < values.size() ? (Long) values.get(at++) : null;
    }

    boolean flag() {
        return number() == 1;
    }

    /// Who listens: `id|incarnation|number;` each.
    List<EdgeRef> edges() {
        var text = text();
        if (text.isEmpty()) {
            return List.of();
        }
        var edges = new ArrayList<EdgeRef>();
        for (var each : text.substring(0, text.length() - 1).split(";", -1)) {
            var parts = each.split("\\|", -1);
            edges.add(new EdgeRef(parts[0], Long.parseLong(parts[1])));
        }
        return List.copyOf(edges);
    }

    RedisReply list() {
        return new RedisReply((List<?>) next("a list"));
    }

    private Object next(String what) {
        var value = at < values.size() ? values.get(at++) : null;
        if (value == null) {
            throw new IllegalStateException(
                    "answer of Redis: ends at %d of %d (expected: %s)"
                            .formatted(at, values.size(), what));
        }
        return value;
    }
}
