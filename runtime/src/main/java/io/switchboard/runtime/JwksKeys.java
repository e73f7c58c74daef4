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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A key set in a file or at a URL, that rotates. A verification never waits for it: the set is
/// fetched by a thread of its own, at once, each few minutes, and soon after a key was asked for
/// that is not in it. What was fetched stays while the source is away.
///
/// A key that is not in the set may have joined it a moment after it was fetched. An id is called
/// unknown only by a set that was fetched after somebody had asked for that id.
///
/// Thread-safe.
final class JwksKeys implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JwksKeys.class);
    private static final Duration PERIOD = Duration.ofMinutes(5);

    /// Unknown key ids cost the source at most this often: anybody can invent one.
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /// So many ids are remembered between two fetches; anybody can invent one.
    private static final int MOST_ASKED = 1_000;

    private static final int TIMEOUT_MILLIS = 5_000;
    private static final int MAX_BYTES = 256 * 1024;

    private final String source;
    private final InstantSource clock;
    private final AtomicBoolean fetching = new AtomicBoolean();
    private final Thread refresher;

    /// Not in the set, and asked for since it was fetched.
    private final Set<String> asked = ConcurrentHashMap.newKeySet();

    /// Asked for before the set was fetched, and not in it.
    private volatile Set<String> unknown = Set.of();

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

        /// Such a key is not in the set, which is fresh enough to say so.
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
        boolean fresh = clock.instant().isBefore(lastFetch.plus(PATIENCE));
        if (fresh && unknown.contains(kid)) {
            return new Found.Unknown();
        }
        if (asked.size() < MOST_ASKED) {
            asked.add(kid);
        }
        if (!fresh) {
            fetchAside();
        }
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
        var wanted = Set.copyOf(asked);
        asked.removeAll(wanted);
        try {
            var set = load();
            keys = set;
            unknown =
                    wanted.stream()
                            .filter(kid -> set.getKeyByKeyId(kid) == null)
                            .collect(Collectors.toUnmodifiableSet());
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
