package io.switchboard.schemas;

/// The names of the topics. Who writes and who reads each is in docs/security.md.
public final class Topics {
    /// Default name of the events topic: envelopes, keyed by address. The truth.
    public static final String EVENTS = "worksheet.events";

    /// Receipts, keyed by event id.
    public static final String RECEIPTS = "switchboard.receipts";

    /// Records that could not be delivered, raw, with the reason in headers.
    public static final String DEAD_LETTERS = "switchboard.dead-letters";

    /// Acknowledged positions, compacted, as many partitions as the events topic.
    public static final String ACKS = "switchboard.acks";

    /// What browsers publish, keyed by agent address.
    public static final String UPSTREAM = "switchboard.upstream";

    /// Block, kick, revoke, drain; compacted.
    public static final String CONTROL = "switchboard.control";

    /// Who came online and who left, keyed by agent address; compacted.
    public static final String PRESENCE = "switchboard.presence";

    private static final String EDGE_PREFIX = "switchboard.edge.";

    private Topics() {}

    /// The topic of one life of an edge node.
    public static String edge(EdgeRef edge) {
        return EDGE_PREFIX + edge.id() + "." + edge.incarnation();
    }

    public static boolean isEdge(String topic) {
        return topic.startsWith(EDGE_PREFIX);
    }
}
