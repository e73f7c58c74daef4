package io.switchboard.edge.delivery;

import io.switchboard.runtime.Counter;

/// What the edge node counts. Each sentence is the metrics page's.
public enum EdgeCounter implements Counter {
    CONNECTIONS_OPENED("Connections whose transport was accepted."),
    CONNECTIONS_ONLINE("Connections whose token was accepted."),
    CONNECTIONS_CLOSED_BY_US("Connections that this edge node closed with a close code."),
    CONNECTIONS_REFUSED_BUDGET("Connections refused with 503: as many as allowed are open."),
    CONNECTIONS_REFUSED_ADDRESS(
            "Connections refused with 503: as many as allowed are open from their IP address."),
    CONNECTIONS_REFUSED_AGENT("Connections closed with 4508: the agent has as many as allowed."),
    HANDSHAKES_LIMITED("Handshakes refused: more per second than this edge node takes."),
    REQUESTS_UNREAD("HTTP connections closed: they sent requests and did not read the answers."),
    CONNECTIONS_REFUSED_AWAY("Connections refused with 503: Redis does not answer, or we drain."),
    REQUESTS_REFUSED_DOOR(
            "Requests of browsers refused (4004): the delivery thread has too many waiting."),
    CONNECTIONS_LAGGED("Times that a connection became unwritable; it is read to later."),
    TOKENS_REFUSED("CONNECT or REFRESH whose token was refused."),
    ORIGINS_REFUSED("CONNECT from a page whose Origin the app does not allow."),
    FRAMES_MALFORMED("Frames that were answered with an error."),
    FRAMES_LIMITED("Connections closed with 4010: too many frames."),
    HEARTBEATS_LOST("Connections closed with 4002: two heartbeats unanswered."),
    HINTS("Hints read from the edge's topic."),
    HINTS_MALFORMED("Records of the edge's topic that are no hints."),
    HINTS_UNHEARD("Hints for addresses to which nobody listens here."),
    HINTS_OF_OTHER_LANES("Hints of another life of the events topic."),
    BYTES_OVER_BUDGET("Writes put off: too many bytes are queued in this process."),
    HINTS_WAITED("Batches of hints that waited since the delivery thread's door was full."),
    EVENTS_WRITTEN("Events handed to a connection."),
    EVENTS_FOUND_BY_CHECK("Listeners that a position check found to be behind."),
    LOST_WRITTEN("LOST frames: what a browser will not get, and why."),
    ATTACHES("Attach calls."),
    READS("Read calls."),
    ACKS_SENT("Acknowledged positions sent to the inbox."),
    REGISTRATIONS_FORGOTTEN("Registrations that a position check found missing."),
    NEW_GENERATIONS("Shards found emptied or rolled back."),
    INBOX_FAILURES("Calls that the inbox did not answer."),
    LEASES_LOST("Times that the lease was lost and another incarnation taken."),
    PUBLISHED("PUBLISH frames that Kafka has."),
    PUBLISH_REFUSED("PUBLISH frames refused: too many, or Kafka away.");

    private final String help;

    EdgeCounter(String help) {
        this.help = help;
    }

    @Override
    public String help() {
        return help;
    }
}
