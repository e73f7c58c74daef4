package io.switchboard.schemas;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.schemas.ControlCommand.Lanes;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What our processes and tools write to each other through Kafka, byte for byte, as the first
/// release did: during a rolling upgrade old ones read what new ones write, and the other way
/// round, and what lies in the topics is older than both. A field may be added to what is JSON,
/// where old readers pass it over; then the old bytes stay in the file under another name, and must
/// still be read.
final class GoldenBytesTest {
    private static final Address.Agent ADA = new Address.Agent("desk", "ada");
    private static final Address.Role NIGHT = new Address.Role("desk", "night");
    private static final LaneId LANE = new LaneId("aB3_-x", 7);
    private static final Position FIRST = LANE.position(40);
    private static final Instant AT = Instant.parse("2026-01-02T03:04:05Z");
    private static final Proof PROOF = new Proof(List.of(new byte[Proof.KEY_BYTES]));

    /// A record of a topic.
    ///
    /// @param said what it means
    /// @param written key, value and headers by their names
    /// @param read what the parts mean
    private record Format(
            String name,
            Object said,
            Map<String, byte[]> written,
            Function<Map<String, byte[]>, Object> read) {
        @Override
        public String toString() {
            return name;
        }
    }

    private record Copy(Origin origin, String url, Target target) {}

    static Stream<Format> formats() {
        return Stream.of(
                        Stream.of(hint(), marker(), canary(), redrivenLetter()),
                        copies(),
                        positions(),
                        receipts(),
                        controlCommands(),
                        deadLetters())
                .flatMap(Function.identity());
    }

    @ParameterizedTest
    @MethodSource("formats")
    void whatIsWritten_isAsTheFirstReleaseWroteIt(Format format) throws IOException {
        assertThat(lines(format.name, format.written))
                .isEqualTo(lines(format.name, golden(format.name)));
    }

    @ParameterizedTest
    @MethodSource("formats")
    void whatTheFirstReleaseWrote_isRead(Format format) throws IOException {
        assertThat(format.read.apply(golden(format.name)))
                .usingRecursiveComparison()
                .isEqualTo(format.said);
    }

    @Test
    void everyLineIsOfAFormat_andEveryKindHasOne() throws IOException {
        assertThat(file().stream().map(line -> line.split(" ")[0]).distinct())
                .containsExactlyElementsOf(formats().map(Format::name).sorted().toList());
        assertThat(kinds(Copy.class, copy -> copy.origin().kind()))
                .containsExactlyInAnyOrder(Origin.Kind.values());
        assertThat(kinds(Receipt.class, Receipt::kind))
                .containsExactlyInAnyOrder(Receipt.Kind.values());
        assertThat(kinds(ControlCommand.class, ControlCommand::getClass))
                .contains(ControlCommand.class.getPermittedSubclasses());
        assertThat(kinds(Lanes.class, Lanes::step)).containsExactlyInAnyOrder(Lanes.Step.values());
        assertThat(kinds(LetterMark.class, LetterMark::kind))
                .containsExactlyInAnyOrder(LetterMark.Kind.values());
    }

    private static <T> List<Object> kinds(Class<T> type, Function<T, Object> kind) {
        return formats()
                .map(Format::said)
                .filter(type::isInstance)
                .map(type::cast)
                .map(kind)
                .toList();
    }

    private static Format hint() {
        var hint = new Hint(ADA, LANE, 42, 41, AT.toEpochMilli(), "frame".getBytes(UTF_8));
        return value("hint", hint, hint.encode(), Hint::decode);
    }

    private static Format marker() {
        var marker =
                new CommitMarker(
                        LANE.tag(),
                        42,
                        40,
                        "g",
                        new CommitMarker.Redelivery("r-1", 1, 9, 5),
                        50L,
                        AT.toEpochMilli());
        return value(
                "marker",
                marker,
                marker.encode().getBytes(UTF_8),
                bytes -> CommitMarker.decode(new String(bytes, UTF_8)));
    }

    private static Format canary() {
        var canary = new Canary("edge-1", -2, AT.toEpochMilli());
        return new Format(
                "canary",
                canary,
                parts(canary.record(Topics.EVENTS, 8)),
                parts -> {
                    assertThat(parts.get("key")).isEqualTo(canary.address().key());
                    return Canary.decode(parts.get(Canary.HEADER));
                });
    }

    private static Format redrivenLetter() {
        var letter = new RedrivenLetter(FIRST + ".0", LANE.tag(), 42, AT.toEpochMilli());
        return keyed("letter", letter, letter.key(), letter.encode(), RedrivenLetter::decode);
    }

    /// What our own processes write to the events topic: the front door, dispatchers, `replay` and
    /// `dead-letters redrive`.
    private static Stream<Format> copies() {
        var agent = new Target.ToAgent("ada");
        var role = new Target.ToRole("night");
        var ttl = Duration.ofMinutes(1);
        return Stream.of(
                copy(Origin.direct("desk"), target(agent, "order-1", ttl, AT)),
                copy(origin(Origin.Kind.SPLIT, 2, "order-1", null), target(role, null, ttl, null)),
                copy(
                        origin(Origin.Kind.DUE, 0, "order-1", null),
                        target(new Target.ToAll(), "order-1", null, null)),
                copy(
                        origin(Origin.Kind.REDELIVERED, 0, "o", "r-1"),
                        target(agent, "o", null, null)),
                copy(origin(Origin.Kind.REDRIVEN, 0, "o", null), target(agent, "o", null, null)));
    }

    private static Origin origin(
            Origin.Kind kind, int index, String id, @Nullable String redelivery) {
        return new Origin(kind, "desk", FIRST, index, id, AT, redelivery);
    }

    private static Target target(
            Target.To to, @Nullable String id, @Nullable Duration ttl, @Nullable Instant at) {
        return new Target(0, to, Json.object().put("infos", "工单"), id, ttl, at);
    }

    private static Format copy(Origin origin, Target target) {
        var republisher = new Republisher(Topics.EVENTS, 8, PROOF);
        var url = "/worksheet/send-message";
        return new Format(
                "copy." + word(origin.kind()),
                new Copy(origin, url, target),
                parts(republisher.record(origin, url, target, null)),
                GoldenBytesTest::readCopy);
    }

    private static Copy readCopy(Map<String, byte[]> parts) {
        var origin = parts.get(Origin.HEADER);
        var proof = parts.get(Proof.HEADER);
        assertThat(PROOF.verify(proof, origin, parts.get("key"), parts.get("value"))).isTrue();
        var parsed = Envelope.parse(parts.get("value"));
        assertThat(parsed.problems()).isEmpty();
        var target = parsed.envelope().targets().getFirst();
        assertThat(parts.get("key")).isEqualTo(target.to().in("desk").key());
        return new Copy(Origin.decode(origin), parsed.envelope().url(), target);
    }

    private static Stream<Format> positions() {
        return Stream.of(
                position("position", new AckedPosition(ADA, null, LANE.tag(), 42, 43, 17)),
                position("position.cursor", new AckedPosition(NIGHT, "ada", LANE.tag(), 5, 5, -1)));
    }

    private static Format position(String name, AckedPosition position) {
        return keyed(name, position, position.key(), position.encode(), AckedPosition::decode);
    }

    private static Stream<Format> receipts() {
        var at = FIRST;
        return Stream.of(
                receipt(Receipt.Kind.ACKNOWLEDGED, ADA, at, null, null, null),
                receipt(Receipt.Kind.DROPPED, NIGHT, at, null, null, null),
                receipt(Receipt.Kind.EXPIRED, new Address.App("desk"), at, null, null, null),
                receipt(
                        Receipt.Kind.REJECTED,
                        null,
                        null,
                        null,
                        ErrorCode.URL_IS_UNKNOWN,
                        "/nowhere"),
                receipt(Receipt.Kind.STORED, ADA, at, true, null, null),
                receipt(Receipt.Kind.OVERDUE, ADA, at, null, null, null));
    }

    private static Format receipt(
            Receipt.Kind kind,
            @Nullable Address address,
            @Nullable Position position,
            @Nullable Boolean online,
            @Nullable ErrorCode error,
            @Nullable String detail) {
        var receipt = new Receipt("order-1", kind, address, position, AT, online, error, detail);
        return keyed(
                "receipt." + word(kind),
                receipt,
                receipt.key(),
                receipt.encode(),
                (_, value) -> Receipt.decode(value));
    }

    private static Stream<Format> controlCommands() {
        var grown = List.of(new Growth(2, 4, AT, List.of(7L, 0L)));
        return Stream.of(
                control("block", new ControlCommand.Block("desk", AT)),
                control("kick", new ControlCommand.Kick(ADA, AT)),
                control("drain", new ControlCommand.Drain("edge-1", 7L, AT)),
                control("drain.whoever", new ControlCommand.Drain("edge-2", null, AT)),
                control("lanes.hold", lanes(Lanes.Step.HOLD, 4, 8, grown)),
                control("lanes.stop", lanes(Lanes.Step.STOP, 4, 8, grown)),
                control("lanes.done", lanes(Lanes.Step.DONE, 2, 4, grown)));
    }

    private static Lanes lanes(Lanes.Step step, int from, int to, List<Growth> grown) {
        return new Lanes(Topics.EVENTS, LANE.tag(), step, from, to, grown, AT);
    }

    private static Format control(String name, ControlCommand command) {
        return keyed(
                "control." + name,
                command,
                command.key(),
                command.value(),
                (key, value) -> ControlCommand.decode(key, value).command());
    }

    private static Stream<Format> deadLetters() {
        return Stream.of(
                letter(
                        "target",
                        new DeadLetter(
                                Topics.EVENTS,
                                FIRST,
                                3,
                                ErrorCode.ROLE_IS_UNKNOWN,
                                "/data/3/role",
                                "desk",
                                "{}".getBytes(UTF_8))),
                letter(
                        "whole",
                        new DeadLetter(
                                Topics.EVENTS,
                                FIRST,
                                Problem.WHOLE,
                                ErrorCode.KAFKA_REFUSED,
                                "too large",
                                null,
                                null)),
                mark(new LetterMark(LetterMark.Kind.REDRIVEN, "order-1")),
                mark(new LetterMark(LetterMark.Kind.DROPPED, "of a test")));
    }

    private static Format letter(String name, DeadLetter letter) {
        var parts = new HashMap<>(letter.headers());
        parts.put("key", letter.key());
        if (letter.raw() != null) {
            parts.put("value", letter.raw());
        }
        return new Format(
                "dead-letter." + name,
                letter,
                parts,
                read -> DeadLetter.decode(read, read.get("value")));
    }

    private static Format mark(LetterMark mark) {
        return new Format(
                "dead-letter." + word(mark.kind()), mark, mark.headers(), LetterMark::decode);
    }

    private static Format value(
            String name, Object said, byte[] value, Function<byte[], Object> read) {
        return new Format(
                name, said, Map.of("value", value), parts -> read.apply(parts.get("value")));
    }

    private interface KeyAndValue {
        @Nullable Object read(byte[] key, byte[] value);
    }

    private static Format keyed(
            String name, Object said, byte[] key, byte[] value, KeyAndValue read) {
        return new Format(
                name,
                said,
                Map.of("key", key, "value", value),
                parts -> read.read(parts.get("key"), parts.get("value")));
    }

    private static Map<String, byte[]> parts(ProducerRecord<byte[], byte[]> record) {
        var parts = new HashMap<String, byte[]>();
        parts.put("partition", record.partition().toString().getBytes(UTF_8));
        parts.put("key", record.key());
        if (record.value() != null) {
            parts.put("value", record.value());
        }
        record.headers().forEach(header -> parts.put(header.key(), header.value()));
        return parts;
    }

    private static String word(Enum<?> kind) {
        return kind.name().toLowerCase(java.util.Locale.ROOT);
    }

    /// Each is `<format> <part> <bytes>`, sorted; a byte that is no printable ASCII is `\xx`.
    private static List<String> file() throws IOException {
        try (var in = GoldenBytesTest.class.getResourceAsStream("bytes-1.txt")) {
            return in == null ? List.of() : new String(in.readAllBytes(), UTF_8).lines().toList();
        }
    }

    private static Map<String, byte[]> golden(String name) throws IOException {
        return file().stream()
                .map(line -> line.split(" ", 3))
                .filter(parts -> parts[0].equals(name))
                .collect(Collectors.toMap(parts -> parts[1], parts -> bytes(parts[2])));
    }

    private static String lines(String name, Map<String, byte[]> parts) {
        return new TreeMap<>(parts)
                .entrySet().stream()
                        .map(part -> name + " " + part.getKey() + " " + text(part.getValue()))
                        .collect(Collectors.joining("\n"));
    }

    private static String text(byte[] bytes) {
        var text = new StringBuilder();
        for (var each : bytes) {
            boolean plain = each >= ' ' && each <= '~' && each != '\\';
            text.append(plain ? "" + (char) each : "\\%02x".formatted(each));
        }
        return text.toString();
    }

    private static byte[] bytes(String text) {
        return Pattern.compile("\\\\(..)")
                .matcher(text)
                .replaceAll(escaped -> quoted((char) Integer.parseInt(escaped.group(1), 16)))
                .getBytes(ISO_8859_1);
    }

    private static String quoted(char each) {
        return java.util.regex.Matcher.quoteReplacement("" + each);
    }
}
