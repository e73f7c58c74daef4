package io.switchboard.edge.delivery;

import java.time.Duration;

/// The limits and periods of delivery. Each default has its reason.
///
/// Immutable.
///
/// @param heartbeat told to browsers on ONLINE; the sockets beat by it
/// @param checkEvery how often each address is compared with its inbox
/// @param attachTimeout a browser that could not be attached by then is told to come back
/// @param stallTimeout nothing could be written for this long: closed
/// @param drainSpread over how long a drain spreads its GO_AWAYs
/// @param drainGrace how long after its GO_AWAY's time a browser may stay
/// @param pageEntries entries asked for in one read
/// @param connectionsPerAgent on this edge node; more are closed with 4508
/// @param callsPerShard calls of attach, read and detach in flight per shard; more wait
public record DeliverySettings(
        Duration heartbeat,
        Duration checkEvery,
        Duration attachTimeout,
        Duration stallTimeout,
        Duration drainSpread,
        Duration drainGrace,
        int pageEntries,
        int connectionsPerAgent,
        int callsPerShard) {

    /// Below the 30 s after which home routers and phones forget an idle connection.
    public static final Duration HEARTBEAT = Duration.ofSeconds(25);

    /// A hint that got lost is made good within this; at a million addresses it costs Redis
    /// a thousand batched calls a second.
    public static final Duration CHECK_EVERY = Duration.ofSeconds(10);

    public static final Duration ATTACH_TIMEOUT = Duration.ofSeconds(10);

    /// Longer than a phone's tunnel, shorter than a user's patience.
    public static final Duration STALL_TIMEOUT = Duration.ofSeconds(30);

    public static final Duration DRAIN_SPREAD = Duration.ofSeconds(10);
    public static final Duration DRAIN_GRACE = Duration.ofSeconds(2);

    /// One page of usual frames is about what a socket takes before it is no longer writable.
    public static final int PAGE_ENTRIES = 64;

    /// More tabs and devices than a person has; what one token can take from others.
    public static final int CONNECTIONS_PER_AGENT = 100;

    /// Redis serialises a shard anyway: more in flight only queue there.
    public static final int CALLS_PER_SHARD = 32;

    public static final DeliverySettings DEFAULTS =
            new DeliverySettings(
                    HEARTBEAT,
                    CHECK_EVERY,
                    ATTACH_TIMEOUT,
                    STALL_TIMEOUT,
                    DRAIN_SPREAD,
                    DRAIN_GRACE,
                    PAGE_ENTRIES,
                    CONNECTIONS_PER_AGENT,
                    CALLS_PER_SHARD);

    public DeliverySettings {
        positive("heartbeat", heartbeat);
        positive("checkEvery", checkEvery);
        positive("attachTimeout", attachTimeout);
        positive("stallTimeout", stallTimeout);
        positive("drainSpread", drainSpread);
        positive("drainGrace", drainGrace);
        positive("pageEntries", pageEntries);
        positive("connectionsPerAgent", connectionsPerAgent);
        positive("callsPerShard", callsPerShard);
    }

    /// These, with what flags say.
    public DeliverySettings with(
            Duration heartbeat, Duration drainSpread, int connectionsPerAgent) {
        return new DeliverySettings(
                heartbeat,
                checkEvery,
                attachTimeout,
                stallTimeout,
                drainSpread,
                drainGrace,
                pageEntries,
                connectionsPerAgent,
                callsPerShard);
    }

    private static void positive(String name, Duration value) {
        if (!value.isPositive()) {
            throw new IllegalArgumentException("%s: %s (expected: > PT0S)".formatted(name, value));
        }
    }

    private static void positive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException("%s: %d (expected: ≥ 1)".formatted(name, value));
        }
    }
}
