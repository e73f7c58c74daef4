package io.switchboard.dispatcher.lane;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.schemas.Json;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A record's value as a dead letter may show it: without the producer's token.
final class Masking {
    private static final String TOKEN = "chat_token";
    private static final String MASK = "***";

    private Masking() {}

    /// Null when a token may be in it and cannot be told apart.
    static byte @Nullable [] masked(byte @Nullable [] value) {
        if (value == null || !mentionsToken(value)) {
            return value;
        }
        var root = Json.readObject(value);
        if (root == null) {
            return null;
        }
        mask(root);
        return Json.bytes(root);
    }

    private static void mask(JsonNode node) {
        if (node instanceof ObjectNode object) {
            for (var field : object.properties()) {
                if (field.getKey().toLowerCase(Locale.ROOT).equals(TOKEN)) {
                    field.setValue(object.textNode(MASK));
                } else {
                    mask(field.getValue());
                }
            }
        } else if (node instanceof ArrayNode list) {
            list.forEach(Masking::mask);
        }
    }

    /// Also when the name is written with JSON escapes, or in UTF-16, which our parser reads as
    /// well: both are suspicious.
    private static boolean mentionsToken(byte[] value) {
        var text = new String(value, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
        return text.contains(TOKEN) || text.contains("\\u") || text.indexOf('\0') >= 0;
    }
}
