package io.switchboard.inbox;

import io.switchboard.inbox.Append.OriginFence;
import io.switchboard.inbox.Append.Verdict;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.ReceiptLevel;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A record with what the test cares about; the rest is usual.
record TestRecord(
        long offset,
        Address address,
        String eventId,
        String frame,
        long expiry,
        Verdict verdict,
        ReceiptLevel receipts,
        int capEntries,
        int capBytes,
        List<String> ids,
        List<String> letterIds,
        OriginFence origin,
        Long releases) {

    static TestRecord of(long offset, Address address) {
        return new TestRecord(
                offset,
                address,
                "e" + offset,
                "frame " + offset,
                TestClock.START + 3_600_000,
                new Verdict.Store(),
                ReceiptLevel.ALL,
                1_000,
                1 << 20,
                List.of(),
                List.of(),
                null,
                null);
    }

    TestRecord frame(String value) {
        return new TestRecord(
                offset,
                address,
                eventId,
                value,
                expiry,
                verdict,
                receipts,
                capEntries,
                capBytes,
                ids,
                letterIds,
                origin,
                releases);
    }

    TestRecord event(String value) {
        return new TestRecord(
                offset,
                address,
                value,
                frame,
                expiry,
                verdict,
                receipts,
                capEntries,
                capBytes,
                ids,
                letterIds,
                origin,
                releases);
    }

    TestRecord expiry(long value) {
        return new TestRecord(
                offset,
                address,
                eventId,
                frame,
                value,
                verdict,
                receipts,
                capEntries,
                capBytes,
                ids,
                letterIds,
                origin,
                releases);
    }

    TestRecord verdict(Verdict value) {
        return new TestRecord(
                offset,
                address,
                eventId,
                frame,
                expiry,
                value,
                receipts,
                capEntries,
                capBytes,
                ids,
                letterIds,
                origin,
                releases);
    }

    TestRecord receipts(ReceiptLevel value) {
        return new TestRecord(
                offset,
                address,
                eventId,
                frame,
                expiry,
                verdict,
                value,
                capEntries,
                capBytes,
                ids,
                letterIds,
                origin,
                releases);
    }

    TestRecord caps(int entries, int bytes) {
        return new TestRecord(
                offset, address, eventId, frame, expiry, verdict, receipts, entries, bytes, ids,
                letterIds, origin, releases);
    }

    TestRecord ids(String... values) {
        return new TestRecord(
                offset,
                address,
                eventId,
                frame,
                expiry,
                verdict,
                receipts,
                capEntries,
                capBytes,
                List.of(values),
                letterIds,
                origin,
                releases);
    }

    TestRecord letters(String... values) {
        return new TestRecord(
                offset,
                address,
                eventId,
                frame,
                expiry,
                verdict,
                receipts,
                capEntries,
                capBytes,
                ids,
                List.of(values),
                origin,
                releases);
    }

    TestRecord origin(String source, long sourceOffset, int index) {
        return new TestRecord(
                offset,
                address,
                eventId,
                frame,
                expiry,
                verdict,
                receipts,
                capEntries,
                capBytes,
                ids,
                letterIds,
                new OriginFence(source, sourceOffset, index),
                releases);
    }

    TestRecord releases(long original) {
        return new TestRecord(
                offset,
                address,
                eventId,
                frame,
                expiry,
                verdict,
                receipts,
                capEntries,
                capBytes,
                ids,
                letterIds,
                origin,
                original);
    }

    Append.Record build() {
        return new Append.Record(
                offset,
                address,
                eventId,
                frame.getBytes(StandardCharsets.UTF_8),
                expiry,
                verdict,
                receipts,
                capEntries,
                capBytes,
                ids,
                letterIds,
                origin,
                releases);
    }
}
