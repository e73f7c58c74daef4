package io.switchboard.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// What our processes write to each other through Kafka, byte for byte, as the first release did:
/// during a rolling upgrade old ones read what new ones write, and the other way round. A field
/// may be added to what is JSON, where old readers pass it over; then the file gets a new line
/// beside the old one, which must still be read.
class GoldenBytesTest {
    private static final Address.Agent ADA = new Address.Agent("desk", "ada");
    private static final LaneId LANE = new LaneId("aB3_-x", 7);
    private static final Instant AT = Instant.parse("2026-01-02T03:04:05Z");

    private static final Hint HINT =
            new Hint(
                    ADA, LANE, 42, 41, AT.toEpochMilli(), "frame".getBytes(StandardCharsets.UTF_8));
    private static final Origin ORIGIN =
            new Origin(Origin.Kind.SPLIT, "desk", LANE.position(40), 2, "order-1", AT, null);
    private static final Origin REDELIVERED =
            new Origin(Origin.Kind.REDELIVERED, "desk", LANE.position(40), 0, "o", AT, "r-1");
    private static final AckedPosition POSITION =
            new AckedPosition(ADA, null, LANE.tag(), 42, 43, 17);
    private static final RedrivenLetter LETTER =
            new RedrivenLetter("aB3_-x.7.40.0", LANE.tag(), 42, AT.toEpochMilli());
    private static final CommitMarker MARKER =
            new CommitMarker(
                    LANE.tag(),
                    42,
                    40,
                    "g",
                    new CommitMarker.Redelivery("r-1", 1, 9, 5),
                    50L,
                    AT.toEpochMilli());

    @Test
    void whatIsWritten_isAsTheFirstReleaseWroteIt() throws IOException {
        var written = new LinkedHashMap<String, byte[]>();
        written.put("hint", HINT.encode());
        written.put("origin", ORIGIN.encode());
        written.put("origin.redelivered", REDELIVERED.encode());
        written.put("position.key", POSITION.key());
        written.put("position", POSITION.encode());
        written.put("letter.key", LETTER.key());
        written.put("letter", LETTER.encode());
        written.put("marker", MARKER.encode().getBytes(StandardCharsets.UTF_8));

        assertThat(lines(written)).isEqualTo(lines(golden()));
    }

    @Test
    void whatTheFirstReleaseWrote_isRead() throws IOException {
        var golden = golden();

        var hint = Hint.decode(golden.get("hint"));
        assertThat(hint.encode()).isEqualTo(HINT.encode());
        assertThat(Origin.decode(golden.get("origin"))).isEqualTo(ORIGIN);
        assertThat(Origin.decode(golden.get("origin.redelivered"))).isEqualTo(REDELIVERED);
        assertThat(AckedPosition.decode(golden.get("position.key"), golden.get("position")))
                .isEqualTo(POSITION);
        assertThat(RedrivenLetter.decode(golden.get("letter.key"), golden.get("letter")))
                .isEqualTo(LETTER);
        assertThat(CommitMarker.decode(new String(golden.get("marker"), StandardCharsets.UTF_8)))
                .isEqualTo(MARKER);
    }

    private static String lines(Map<String, byte[]> bytes) {
        return new TreeMap<>(bytes)
                .entrySet().stream()
                        .map(
                                each ->
                                        each.getKey()
                                                + " "
                                                + HexFormat.of().formatHex(each.getValue()))
                        .collect(Collectors.joining("\n"));
    }

    private static Map<String, byte[]> golden() throws IOException {
        try (var in = GoldenBytesTest.class.getResourceAsStream("bytes-1.txt")) {
            var text =
                    in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
            return Arrays.stream(text.split("\n"))
                    .map(line -> line.split(" "))
                    .filter(parts -> parts.length == 2)
                    .collect(
                            Collectors.toMap(
                                    parts -> parts[0], parts -> HexFormat.of().parseHex(parts[1])));
        }
    }
}
