package io.switchboard.operator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.schemas.Json;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/// What an agent has handled: the last position of each feed, and the last event ids, so that
/// what comes again is not handled again.
///
/// *Not thread-safe; its client locks.*
final class Handled {
    /// As many as the browser SDK remembers.
    static final int IDS_KEPT = 256;

    private final Map<String, String> positions = new LinkedHashMap<>();
    private final Set<String> ids = new LinkedHashSet<>();

    boolean isNew(JsonNode event) {
        return !ids.contains(key(event));
    }

    void add(JsonNode event) {
        positions.put(event.path("to").asText(), event.path("pos").asText());
        ids.add(key(event));
        if (ids.size() > IDS_KEPT) {
            ids.remove(ids.iterator().next());
        }
    }

    /// What the edge says will not come is as good as handled.
    void skip(JsonNode lost) {
        positions.put(lost.path("to").asText(), lost.path("through").asText());
    }

    ObjectNode positions() {
        var all = Json.object();
        positions.forEach(all::put);
        return all;
    }

    private static String key(JsonNode event) {
        return event.path("id").asText() + " " + event.path("redelivered").asText();
    }
}
