package io.switchboard.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A place in a YAML file: knows its path, so that everything wrong with it can be named.
///
/// Immutable.
record Yaml(String file, String path, JsonNode node) {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})(|KiB|MiB)");

    /// The place below; null when there is nothing (or `~`).
    @Nullable Yaml at(String key) {
        var child = node.get(key);
        return child == null || child.isNull() ? null : below(key, child);
    }

    Yaml required(String key, String expected) {
        var child = at(key);
        if (child == null) {
            throw new Unusable(
                    "%s: %s: missing (expected: %s)".formatted(file, join(key), expected));
        }
        return child;
    }

    /// An object with no other keys than these: a misspelt key must not be a silent default.
    Yaml object(String... keys) {
        var known = Set.of(keys);
        children()
                .forEach(
                        (key, child) -> {
                            if (!known.contains(key)) {
                                throw new Unusable(
                                        "%s: %s: unknown key (expected: one of %s)"
                                                .formatted(
                                                        file,
                                                        child.path,
                                                        Stream.of(keys)
                                                                .collect(
                                                                        Collectors.joining(", "))));
                            }
                        });
        return this;
    }

    /// What an object holds, in its order.
    Map<String, Yaml> children() {
        if (!(node instanceof ObjectNode object)) {
            throw wrong("a mapping");
        }
        var children = new LinkedHashMap<String, Yaml>();
        object.properties().forEach(each -> children.put(each.getKey(), belowOf(each)));
        return children;
    }

    List<Yaml> list() {
        if (!node.isArray()) {
            throw wrong("a list");
        }
        var items = new ArrayList<Yaml>();
        for (int i = 0; i < node.size(); i++) {
            items.add(new Yaml(file, path + "[" + i + "]", node.get(i)));
        }
        return items;
    }

    String text() {
        if (!node.isTextual() || node.textValue().isBlank()) {
            throw wrong("a text");
        }
        return node.textValue();
    }

    String text(Pattern form, String expected) {
        if (!node.isTextual() || !form.matcher(node.textValue()).matches()) {
            throw wrong(expected);
        }
        return node.textValue();
    }

    Set<String> texts(Pattern form, String expected) {
        return list().stream()
                .map(each -> each.text(form, expected))
                .collect(Collectors.toUnmodifiableSet());
    }

    <E extends Enum<E>> E oneOf(Class<E> type) {
        for (var each : type.getEnumConstants()) {
            if (node.isTextual() && each.name().equalsIgnoreCase(node.textValue())) {
                return each;
            }
        }
        throw wrong(
                Stream.of(type.getEnumConstants())
                        .map(each -> each.name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(", ")));
    }

    Duration duration() {
        var found = match(DURATION, "a duration as in 72h, 15m, 30s");
        var amount = Long.parseLong(found.group(1));
        var duration =
                switch (found.group(2)) {
                    case "ms" -> Duration.ofMillis(amount);
                    case "s" -> Duration.ofSeconds(amount);
                    case "m" -> Duration.ofMinutes(amount);
                    case "h" -> Duration.ofHours(amount);
                    default -> Duration.ofDays(amount);
                };
        if (duration.isZero()) {
            throw wrong("a duration above zero");
        }
        return duration;
    }

    int bytes() {
        var found = match(SIZE, "a size as in 1MiB, 64KiB, 4096");
        var unit =
                switch (found.group(2)) {
                    case "MiB" -> 1024L * 1024;
                    case "KiB" -> 1024L;
                    default -> 1L;
                };
        var bytes = Long.parseLong(found.group(1)) * unit;
        if (bytes < 1 || bytes > Integer.MAX_VALUE) {
            throw wrong("a size from 1 to 2047MiB");
        }
        return (int) bytes;
    }

    int count() {
        if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 1) {
            throw wrong("a whole number above zero");
        }
        return node.intValue();
    }

    Unusable wrong(String expected) {
        var shown = node.isContainerNode() ? "a " + node.getNodeType() : node.toString();
        return new Unusable(
                "%s: %s: %s (expected: %s)".formatted(file, path, shorten(shown), expected));
    }

    /// As [#wrong], for what must not be printed.
    Unusable wrongSecret(String expected) {
        return new Unusable("%s: %s: … (expected: %s)".formatted(file, path, expected));
    }

    private Matcher match(Pattern form, String expected) {
        var matcher = form.matcher(node.asText());
        if (!matcher.matches()) {
            throw wrong(expected);
        }
        return matcher;
    }

    private Yaml belowOf(Map.Entry<String, JsonNode> entry) {
        return below(entry.getKey(), entry.getValue());
    }

    private Yaml below(String key, JsonNode child) {
        return new Yaml(file, join(key), child);
    }

    private String join(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private static String shorten(String text) {
        return text.length() <= 60 ? text : text.substring(0, 57) + "...";
    }
}
