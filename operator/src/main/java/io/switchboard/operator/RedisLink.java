package io.switchboard.operator;

import io.switchboard.inbox.Inbox;
import io.switchboard.inbox.InboxAway;
import io.switchboard.inbox.InboxInspection;
import io.switchboard.inbox.Leases;
import io.switchboard.inbox.RedisFacts;
import io.switchboard.inbox.RedisInbox;
import io.switchboard.runtime.Failure;
import io.switchboard.runtime.RedisFlags;
import io.switchboard.runtime.Unusable;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Redis, as the tools ask it: each answer comes within a bounded time, each trouble is one
/// sentence.
///
/// *Used by one thread.*
final class RedisLink implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final String where;
    private final RedisInbox redis;

    /// @throws Failure when no server answers
    RedisLink(RedisFlags flags) {
        where = String.join(",", flags.urls()).replaceAll("//[^/]*@", "//…@");
        try {
            redis = RedisInbox.connect(flags.urls());
        } catch (IllegalArgumentException e) {
            throw new Unusable("--redis: " + e.getMessage());
        } catch (InboxAway e) {
            throw away(e);
        }
    }

    Inbox inbox() {
        return redis;
    }

    Leases leases() {
        return redis.leases();
    }

    InboxInspection inspection() {
        return redis.inspection();
    }

    RedisFacts facts() {
        try {
            return redis.facts();
        } catch (InboxAway e) {
            throw away(e);
        }
    }

    <T> T get(CompletionStage<T> answer) {
        try {
            return answer.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw away(Objects.requireNonNullElse(e.getCause(), e));
        } catch (TimeoutException e) {
            throw away(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted while waiting for Redis", e);
        }
    }

    private Failure away(Throwable cause) {
        return new Failure(
                "Redis at %s did not answer: %s (expected: --redis names a server that can be reached)"
                        .formatted(where, said(cause)),
                cause);
    }

    private static String said(Throwable thrown) {
        var deepest = thrown;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        return deepest.getMessage() == null ? deepest.toString() : deepest.getMessage();
    }

    @Override
    public void close() {
        redis.close();
    }
}
