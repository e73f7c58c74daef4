package io.switchboard.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class RecordCodecsTest {
    private static final Address ADA = new Address.Agent("helpdesk", "ada");
    private static final byte[] KEY = new byte[32];
    private static final byte[] OTHER = new byte[32];

    static {
        Arrays.fill(OTHER, (byte) 1);
    }

    @Test
    void origin_isReadBackAsItWas() {
        var direct = Origin.direct("helpdesk");
        var due =
                new Origin(
                        Origin.Kind.DUE,
                        "helpdesk",
                        new Position("aB3_-x", 7, 42),
                        2,
                        "w-1",
                        Instant.ofEpochMilli(1_700_000_000_123L),
                        null);
        var redelivered =
                new Origin(
                        Origin.Kind.REDELIVERED,
                        "helpdesk",
                        new Position("aB3_-x", 7, 42),
                        0,
                        "w-1",
                        Instant.EPOCH,
                        "r7");

        for (var origin : List.of(direct, due, redelivered)) {
            assertThat(Origin.decode(origin.encode())).isEqualTo(origin);
        }
    }

    @Test
    void bytesThatAreNoOrigin_areRefused() {
        for (var text : List.of("", "[]", "{}", "{\"kind\":\"stolen\",\"app\":\"a\"}")) {
            assertThatThrownBy(() -> Origin.decode(text.getBytes(UTF_8)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void proof_bindsOriginKeyAndValue() {
        var proof = new Proof(List.of(KEY));
        var origin = Origin.direct("helpdesk").encode();
        var signed = proof.sign(origin, ADA.key(), "v".getBytes(UTF_8));

        assertThat(proof.verify(signed, origin, ADA.key(), "v".getBytes(UTF_8))).isTrue();
        assertThat(proof.verify(signed, origin, ADA.key(), "w".getBytes(UTF_8))).isFalse();
        assertThat(proof.verify(signed, origin, "k".getBytes(UTF_8), "v".getBytes(UTF_8)))
                .isFalse();
        assertThat(
                        proof.verify(
                                signed,
                                Origin.direct("other").encode(),
                                ADA.key(),
                                "v".getBytes(UTF_8)))
                .isFalse();
    }

    @Test
    void bytesMovedFromKeyToValue_doNotKeepTheProof() {
        var proof = new Proof(List.of(KEY));
        var signed = proof.sign(new byte[] {1}, new byte[] {2, 3}, new byte[] {4});

        assertThat(proof.verify(signed, new byte[] {1}, new byte[] {2}, new byte[] {3, 4}))
                .isFalse();
    }

    @Test
    void rotatedKey_stillVerifiesWhatTheOldOneSigned() {
        var signed = new Proof(List.of(KEY)).sign(new byte[1], new byte[1], new byte[1]);

        assertThat(
                        new Proof(List.of(OTHER, KEY))
                                .verify(signed, new byte[1], new byte[1], new byte[1]))
                .isTrue();
        assertThat(new Proof(List.of(OTHER)).verify(signed, new byte[1], new byte[1], new byte[1]))
                .isFalse();
    }

    @Test
    void hint_isReadBackAsItWas() {
        var hint =
                new Hint(
                        ADA,
                        new LaneId("aB3_-x", 7),
                        1L << 52,
                        -1,
                        1_700_000_000_123L,
                        "工单".getBytes(UTF_8));

        var again = Hint.decode(hint.encode());

        assertThat(again).usingRecursiveComparison().isEqualTo(hint);
    }

    @Test
    void brokenHints_areRefused_whereverTheyBreak() {
        var bytes = new Hint(ADA, new LaneId("aB3_-x", 7), 5, 4, 0, new byte[] {'{', '}'}).encode();
        var random = new Random(1);

        for (int i = 0; i < bytes.length - 2; i++) {
            var cut = Arrays.copyOf(bytes, i);
            assertThatThrownBy(() -> Hint.decode(cut)).isInstanceOf(IllegalArgumentException.class);
        }
        for (int i = 0; i < 10_000; i++) {
            var noise = new byte[random.nextInt(64)];
            random.nextBytes(noise);
            try {
                Hint.decode(noise);
            } catch (IllegalArgumentException _) {
                // refused, as it should be
            }
        }
    }

    @Test
    void receipts_areReadBackAsTheyWere() {
        var stored =
                new Receipt(
                        "w-1",
                        Receipt.Kind.STORED,
                        ADA,
                        new Position("aB3_-x", 7, 42),
                        Instant.ofEpochMilli(5),
                        true,
                        null,
                        null);
        var rejected =
                new Receipt(
                        "w-2",
                        Receipt.Kind.REJECTED,
                        null,
                        null,
                        Instant.ofEpochMilli(5),
                        null,
                        ErrorCode.URL_IS_UNKNOWN,
                        "/nowhere");

        for (var receipt : List.of(stored, rejected)) {
            assertThat(Receipt.decode(receipt.encode())).isEqualTo(receipt);
        }
    }

    @Test
    void ackedPositions_areReadBackAsTheyWere_andTheLargerWins() {
        var address = new AckedPosition(ADA, null, "aB3_-x", 5, 9, -1);
        var cursor = new AckedPosition(new Address.Role("helpdesk", "r"), "ada", "aB3_-x", 7, 7, 3);

        for (var position : List.of(address, cursor)) {
            assertThat(AckedPosition.decode(position.key(), position.encode())).isEqualTo(position);
        }
        assertThat(address.max(new AckedPosition(ADA, null, "aB3_-x", 6, 8, 2)))
                .isEqualTo(new AckedPosition(ADA, null, "aB3_-x", 6, 9, 2));
    }

    @Test
    void theTablesOfCodes_areUnambiguous() {
        var codes = new HashSet<Integer>();
        for (var code : CloseCode.values()) {
            assertThat(codes.add(code.code())).as(code.name()).isTrue();
            assertThat(code.code()).isBetween(4000, 4999);
            assertThat(code.reason().getBytes(UTF_8)).hasSizeLessThanOrEqualTo(123);
            assertThat(CloseCode.of(code.code())).isEqualTo(code);
        }
        for (var code : ErrorCode.values()) {
            assertThat(codes.add(code.code())).as(code.name()).isTrue();
        }
    }
}
