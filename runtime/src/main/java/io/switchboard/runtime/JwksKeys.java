package io.switchboard.runtime;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A key set in a file or at a URL, that rotates. A verification never waits for it: the set is
/// fetched by a thread of its own, at once, each few minutes, and soon after a key was asked for
/// that is not in it. What was fetched stays while the source is away.
///
/// Thread-safe.
final class JwksKeys implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JwksKeys.class);
    private static final Duration PERIOD = Duration.ofMinutes(5);

    /// Unknown key ids cost the source at most this often: anybody can invent one.
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final int TIMEOUT_MILLIS = 5_000;
    private static final int MAX_BYTES = 256 * 1024;

    private final String source;
    private final InstantSource clock;
    private final AtomicBoolean fetching = new AtomicBoolean();
    private final Thread refresher;
    private volatile @Nullable JWKSet keys;
    private volatile Instant lastFetch = Instant.MIN;

    /// @param source a file's path or a URL
    JwksKeys(String source, InstantSource clock) {
        this.source = source;
        this.clock = clock;
        this.refresher = Thread.ofVirtual().name("jwks").start(this::refresh);
    }

    sealed interface Found {
        /// Candidates; several when the token names no key id.
        record Keys(List<JWK> keys) implements Found {}

        /// Not known yet: a fetch is under way or will be soon. Come back.
        record Away() implements Found {}

        /// The set is fresh, and such a key is not in it.
        record Unknown() implements Found {}
    }

    Found find(@Nullable String kid) {
        var set = keys;
        if (set == null) {
            return new Found.Away();
        }
        if (kid == null) {
            return set.isEmpty() ? new Found.Unknown() : new Found.Keys(set.getKeys());
        }
        var key = set.getKeyByKeyId(kid);
        if (key != null) {
            return new Found.Keys(List.of(key));
        }
        if (clock.instant().isBefore(lastFetch.plus(PATIENCE))) {
            return fetching.get() ? new Found.Away() : new Found.Unknown();
        }
        fetchAside();
        return new Found.Away();
    }

    @Override
    public void close() {
        refresher.interrupt();
    }

    private void refresh() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                if (fetching.compareAndSet(false, true)) {
                    fetch();
                }
                Thread.sleep(keys == null ? PATIENCE : PERIOD);
            }
        } catch (InterruptedException _) {
            // closed
        }
    }

    private void fetchAside() {
        if (fetching.compareAndSet(false, true)) {
            Thread.ofVirtual().name("jwks-fetch").start(this::fetch);
        }
    }

    private void fetch() {
        try {
            keys = load();
        } catch (IOException | ParseException | IllegalArgumentException e) {
            LOG.atWarn().log("The key set at {} could not be read: {}", source, e.toString());
        } finally {
            lastFetch = clock.instant();
            fetching.set(false);
        }
    }

    private JWKSet load() throws IOException, ParseException {
        if (source.startsWith("https://") || source.startsWith("http://")) {
            return JWKSet.load(
                    URI.create(source).toURL(), TIMEOUT_MILLIS, TIMEOUT_MILLIS, MAX_BYTES);
        }
        return JWKSet.load(Path.of(source).toFile());
    }
}
