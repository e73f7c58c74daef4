package io.switchboard.schemas;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Bytes that strangers send, mutated from good ones by one seed: every codec answers, or refuses
/// with the one exception that its callers expect. `-Dfuzz.seconds=600` looks longer at each,
/// `-Dfuzz.seed=…` elsewhere; a failure prints the bytes.
class FuzzTest {
    private static final double SECONDS =
            Double.parseDouble(System.getProperty("fuzz.seconds", "0.3"));
    private static final long SEED = Long.getLong("fuzz.seed", 1);
    private static final int LONGEST = 4_096;

    /// What breaks parsers.
    private static final List<String> TOKENS =
            List.of(
                    "{",
                    "}",
                    "[",
                    "]",
                    "\"",
                    "\\",
                    "\\u0000",
                    "\\ud800",
                    "null",
                    "true",
                    "-",
                    "1e999",
                    "9223372036854775808",
                    "-1",
                    "\0",
                    "\uFEFF",
                    "\"data\":",
                    "\"event\":\"ACK\"",
                    "\"event\":\"CONNECT\"",
                    "\"client_token\":",
                    "\"positions\":{",
                    "agent:",
                    "role:",
                    "tag.0.1",
                    ".",
                    "/",
                    ":",
                    "[".repeat(200),
                    "{\"a\":".repeat(200),
                    "9".repeat(400));

    private interface Codec {
        void read(byte[] bytes);
    }

    @TestFactory
    List<DynamicTest> everyCodec_answersOrRefuses() throws IOException {
        var texts = golden();
        texts.add(
                bytes(
                        "{\"event\":\"ACK\",\"data\":{\"agent\":\"tag.0.1\",\"role:x\":\"tag.3.99\"}}"));
        texts.add(
                bytes(
                        "{\"event\":\"CONNECT\",\"data\":{\"client_token\":\"t\",\"positions\":{\"app\":\"tag.0.1\"}}}"));
        texts.add(bytes("{\"event\":\"PUBLISH\",\"id\":\"p-1\",\"data\":{}}"));
        texts.add(
                bytes(
                        "{\"kind\":\"split\",\"app\":\"a\",\"first\":\"tag.0.1\",\"index\":1,\"expiry\":1}"));
        texts.add(bytes("{\"at\":\"2026-11-24T12:00:00Z\"}"));
        var lane = new LaneId("tagtag", 3);
        var hints =
                List.of(
                        new Hint(new Address.Agent("a", "u"), lane, 5, 4, 9, bytes("{}")).encode(),
                        new Hint(new Address.App("a"), lane, 5, -1, Long.MAX_VALUE, new byte[0])
                                .encode());
        var controls =
                List.of(
                        FuzzTargets.COMMAND,
                        FuzzTargets.DRAIN,
                        bytes("block:app\0{\"at\":\"2026-11-24T12:00:00Z\"}"),
                        bytes("kick:app/uuid\0{\"at\":\"2026-11-24T12:00:00Z\"}"));
        var events =
                List.of(
                        bytes("/worksheet/send-message\0uuid:ada\0id-1\00060\0\0{\"a\":1}"),
                        bytes("/x\0role:first\0\0\0002026-11-24T12:00:00Z\0[]"));
        var words = new ArrayList<byte[]>(texts);
        words.addAll(List.of(bytes("tagtag.3.17"), bytes("agent:a/u"), bytes("tagtag.3.17.0")));
        return List.of(
                fuzz("browser frame", texts, FuzzTargets.BrowserFrame::fuzzerTestOneInput),
                fuzz("envelope", texts, FuzzTargets.OfEnvelope::fuzzerTestOneInput),
                fuzz("hint", hints, FuzzTargets.OfHint::fuzzerTestOneInput),
                fuzz("origin", texts, FuzzTargets.OfOrigin::fuzzerTestOneInput),
                fuzz("receipt", texts, FuzzTargets.OfReceipt::fuzzerTestOneInput),
                fuzz("control", controls, FuzzTargets.ControlRecord::fuzzerTestOneInput),
                fuzz("CloudEvent", events, FuzzTargets.OfCloudEvent::fuzzerTestOneInput),
                fuzz("words", words, FuzzTargets.Words::fuzzerTestOneInput),
                fuzz("letter", texts, FuzzTargets.Letter::fuzzerTestOneInput));
    }

    /// What Jazzer found interesting, once more: an input a line, as base64.
    @TestFactory
    Stream<DynamicTest> whatWasFound_isAnsweredOrRefused() throws IOException {
        try (var files = Files.list(Path.of("src/test/corpus"))) {
            return files.sorted().toList().stream()
                    .map(
                            each ->
                                    DynamicTest.dynamicTest(
                                            each.getFileName().toString(), () -> again(each)));
        }
    }

    private static void again(Path file) throws Exception {
        var name = file.getFileName().toString().replace(".txt", "");
        var target =
                Class.forName(FuzzTargets.class.getName() + "$" + name)
                        .getMethod("fuzzerTestOneInput", byte[].class);
        for (var line : Files.readAllLines(file)) {
            try {
                target.invoke(null, (Object) Base64.getDecoder().decode(line));
            } catch (InvocationTargetException e) {
                throw new AssertionError(line, e.getCause());
            }
        }
    }

    private static DynamicTest fuzz(String name, List<byte[]> seeds, Codec codec) {
        return DynamicTest.dynamicTest(
                name,
                () -> {
                    var random = new SplittableRandom(SEED);
                    long end = System.nanoTime() + (long) (SECONDS * 1e9);
                    do {
                        var bytes = mutated(seeds, random);
                        try {
                            codec.read(bytes);
                        } catch (Throwable e) {
                            throw new AssertionError(
                                    "seed %d: %s".formatted(SEED, Arrays.toString(bytes)), e);
                        }
                    } while (System.nanoTime() < end);
                });
    }

    private static byte[] mutated(List<byte[]> seeds, SplittableRandom random) {
        var bytes = seeds.get(random.nextInt(seeds.size()));
        for (int i = random.nextInt(5); i >= 0; i--) {
            int at = random.nextInt(bytes.length + 1);
            int end = at + random.nextInt(bytes.length - at + 1);
            var other = seeds.get(random.nextInt(seeds.size()));
            bytes =
                    switch (random.nextInt(5)) {
                        case 0 -> flipped(bytes, random);
                        case 1 -> joined(bytes, at, new byte[0], end);
                        case 2 -> joined(bytes, end, Arrays.copyOfRange(bytes, at, end), end);
                        case 3 ->
                                joined(
                                        bytes,
                                        at,
                                        bytes(TOKENS.get(random.nextInt(TOKENS.size()))),
                                        end);
                        default -> joined(bytes, at, other, bytes.length);
                    };
        }
        return bytes.length > LONGEST ? Arrays.copyOf(bytes, LONGEST) : bytes;
    }

    private static byte[] flipped(byte[] bytes, SplittableRandom random) {
        var copy = bytes.clone();
        if (copy.length > 0) {
            copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return copy;
    }

    /// What is before `at`, then this, then what is after `end`.
    private static byte[] joined(byte[] bytes, int at, byte[] middle, int end) {
        var joined = Arrays.copyOf(bytes, at + middle.length + bytes.length - end);
        System.arraycopy(middle, 0, joined, at, middle.length);
        System.arraycopy(bytes, end, joined, at + middle.length, bytes.length - end);
        return joined;
    }

    private static ArrayList<byte[]> golden() throws IOException {
        var found = new ArrayList<byte[]>();
        try (var files = Files.list(Path.of("src/test/resources/golden"))) {
            for (var each : files.sorted().toList()) {
                found.add(Files.readAllBytes(each));
            }
        }
        return found;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
