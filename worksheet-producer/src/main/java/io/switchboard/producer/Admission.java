package io.switchboard.producer;

import io.switchboard.schemas.Envelope;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// How much the front door has in its hands at once. What is beyond hears 503 at once instead of
/// waiting in a queue that only grows.
///
/// Thread-safe.
final class Admission {
    static final int MAX_REQUESTS = 1_000;
    static final int MAX_BYTES = 32 * 1024 * 1024;

    private static final Duration TURN = Duration.ofMillis(20);

    private final int maxRequests;
    private final long maxBytes;
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private volatile boolean shut;

    Admission() {
        this(MAX_REQUESTS, MAX_BYTES);
    }

    Admission(int maxRequests, long maxBytes) {
        this.maxRequests = maxRequests;
        this.maxBytes = maxBytes;
    }

    /// @param length of the body as announced; negative: not announced, so the most it may be
    boolean enter(long length) {
        if (requests.incrementAndGet() > maxRequests || shut) {
            requests.decrementAndGet();
            return false;
        }
        if (bytes.addAndGet(weight(length)) > maxBytes) {
            leave(length);
            return false;
        }
        return true;
    }

    void leave(long length) {
        requests.decrementAndGet();
        bytes.addAndGet(-weight(length));
    }

    /// Nobody enters any more; returns once the last one has left, or after `patience`.
    void shut(Duration patience) throws InterruptedException {
        shut = true;
        var turns = patience.dividedBy(TURN);
        for (long i = 0; i < turns && requests.get() > 0; i++) {
            Thread.sleep(TURN);
        }
    }

    int requests() {
        return requests.get();
    }

    long bytes() {
        return bytes.get();
    }

    private static long weight(long length) {
        return length < 0 ? Envelope.MAX_BYTES : length;
    }
}
