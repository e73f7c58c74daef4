package io.switchboard.schemas;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.common.header.internals.RecordHeaders;

/// What reads bytes of strangers in this module, as Jazzer calls it: each answers, or refuses with
/// the one exception that its callers expect. [FuzzTest] runs them too.
public final class FuzzTargets {
    static final byte[] COMMAND = bytes("{\"at\":\"2026-11-24T12:00:00Z\"}");
    static final byte[] DRAIN = bytes("drain:edge-1");

    private FuzzTargets() {}

    public static final class BrowserFrame {
        public static void fuzzerTestOneInput(byte[] bytes) {
            ClientFrame.parse(bytes);
        }
    }

    public static final class OfEnvelope {
        public static void fuzzerTestOneInput(byte[] bytes) {
            var parsed = Envelope.parse(bytes);
            var envelope = parsed.envelope();
            if (envelope != null) {
                for (var target : envelope.targets()) {
                    Envelope.encode(envelope.url(), target, envelope.chatToken());
                }
            }
        }
    }

    public static final class OfHint {
        public static void fuzzerTestOneInput(byte[] bytes) {
            refusing(it -> Hint.decode(it).encode(), bytes);
        }
    }

    public static final class OfOrigin {
        public static void fuzzerTestOneInput(byte[] bytes) {
            refusing(Origin::decode, bytes);
        }
    }

    public static final class OfReceipt {
        public static void fuzzerTestOneInput(byte[] bytes) {
            refusing(Receipt::decode, bytes);
        }
    }

    /// The key is before the first zero, the value behind it.
    public static final class ControlRecord {
        public static void fuzzerTestOneInput(byte[] bytes) {
            var parts = parts(bytes);
            refusing(it -> ControlCommand.decode(it, COMMAND), bytes);
            refusing(it -> ControlCommand.decode(DRAIN, it), bytes);
            if (parts.size() > 1) {
                refusing(it -> ControlCommand.decode(it, parts.get(1)), parts.getFirst());
                refusing(it -> AckedPosition.decode(it, parts.get(1)), parts.getFirst());
                refusing(it -> RedrivenLetter.decode(it, parts.get(1)), parts.getFirst());
            }
        }
    }

    /// Type, subject, id, ttl, due time and data, a zero between each.
    public static final class OfCloudEvent {
        private static final List<String> ATTRIBUTES =
                List.of("ce_type", "ce_subject", "ce_id", "ce_ttl", "ce_deliverat", "traceparent");

        public static void fuzzerTestOneInput(byte[] bytes) {
            var parts = parts(bytes);
            var headers = new RecordHeaders().add("ce_specversion", bytes("1.0"));
            for (int i = 0; i < ATTRIBUTES.size() && i < parts.size() - 1; i++) {
                if (parts.get(i).length > 0) {
                    headers.add(ATTRIBUTES.get(i), parts.get(i));
                }
            }
            CloudEvent.orEnvelope(headers, parts.getLast());
            CloudEvent.envelope(headers, parts.getLast());
            TraceParent.of(headers);
        }
    }

    /// What is text within other things: positions, addresses, ids, markers.
    public static final class Words {
        public static void fuzzerTestOneInput(byte[] bytes) {
            var text = new String(bytes, StandardCharsets.UTF_8);
            Position.tryParse(text);
            Address.tryParse(text);
            EventId.coordinates(text);
            CommitMarker.decode(text);
            TraceParent.of(bytes);
            Canary.decode(bytes);
        }
    }

    public static final class Letter {
        public static void fuzzerTestOneInput(byte[] bytes) {
            refusing(it -> DeadLetter.decode(Map.of(), it), bytes);
        }
    }

    static void refusing(Consumer<byte[]> codec, byte[] bytes) {
        try {
            codec.accept(bytes);
        } catch (IllegalArgumentException _) {
            // what its callers expect
        }
    }

    /// What lies between zeros; at least one part.
    private static List<byte[]> parts(byte[] bytes) {
        var parts = new java.util.ArrayList<byte[]>();
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == 0) {
                parts.add(slice(bytes, start, i));
                start = i + 1;
            }
        }
        parts.add(slice(bytes, start, bytes.length));
        return parts;
    }

    private static byte[] slice(byte[] bytes, int from, int to) {
        var part = new byte[to - from];
        ByteBuffer.wrap(bytes, from, part.length).get(part);
        return part;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
