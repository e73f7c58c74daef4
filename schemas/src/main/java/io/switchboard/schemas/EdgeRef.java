package io.switchboard.schemas;

import java.util.regex.Pattern;

/// One life of an edge node. Of two lives the one with the larger incarnation is the newer.
///
/// Immutable.
public record EdgeRef(String id, long incarnation) {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,48}");

    public EdgeRef {
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException("edge id: '%s' (expected: %s)".formatted(id, ID));
        }
    }

    @Override
    public String toString() {
        return id + "." + incarnation;
    }
}
