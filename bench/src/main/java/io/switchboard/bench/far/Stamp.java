package io.switchboard.bench.far;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;

/// What each measured event carries at the end of its payload: when it was meant to be sent
/// (`System.nanoTime`, which on one machine is the same clock for every process), and its number
/// among the events of its address. Of fixed width, so that neither side parses or formats JSON.
public final class Stamp {
    private static final int TIME_DIGITS = 19;
    private static final int NUMBER_DIGITS = 10;
    private static final byte[] BETWEEN = "\",\"n\":\"".getBytes(US_ASCII);

    /// What may stand behind it, at most.
    private static final int TAIL = 16;

    private static final int LENGTH = TIME_DIGITS + BETWEEN.length + NUMBER_DIGITS;

    private Stamp() {}

    /// The two members, with zeros for the digits.
    public static String blank() {
        return "\"t\":\"%s\",\"n\":\"%s\""
                .formatted("0".repeat(TIME_DIGITS), "0".repeat(NUMBER_DIGITS));
    }

    /// Where the digits of [#blank] begin.
    public static int offsetIn(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.UTF_8).length
                - bytesFrom(text, text.lastIndexOf(blank()) + "\"t\":\"".length());
    }

    private static int bytesFrom(String text, int index) {
        return text.substring(index).getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
    }

    public static void write(byte[] into, int at, long nanos, long number) {
        digits(into, at, TIME_DIGITS, nanos);
        digits(into, at + TIME_DIGITS + BETWEEN.length, NUMBER_DIGITS, number);
    }

    private static void digits(byte[] into, int at, int count, long value) {
        for (int i = at + count - 1; i >= at; i--) {
            into[i] = (byte) ('0' + value % 10);
            value /= 10;
        }
    }

    /// Where the stamp of this frame begins; -1 when it has none.
    static int find(ByteBuf frame, int from, int length) {
        int last = from + length - LENGTH;
        for (int at = last; at >= Math.max(from, last - TAIL); at--) {
            if (matches(frame, at + TIME_DIGITS)) {
                return at;
            }
        }
        return -1;
    }

    private static boolean matches(ByteBuf frame, int at) {
        for (int i = 0; i < BETWEEN.length; i++) {
            if (frame.getByte(at + i) != BETWEEN[i]) {
                return false;
            }
        }
        return true;
    }

    static long nanos(ByteBuf frame, int at) {
        return number(frame, at, TIME_DIGITS);
    }

    static long number(ByteBuf frame, int at) {
        return number(frame, at + TIME_DIGITS + BETWEEN.length, NUMBER_DIGITS);
    }

    private static long number(ByteBuf frame, int at, int digits) {
        long value = 0;
        for (int i = at; i < at + digits; i++) {
            value = value * 10 + frame.getByte(i) - '0';
        }
        return value;
    }
}
