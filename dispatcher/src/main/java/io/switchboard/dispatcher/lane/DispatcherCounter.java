package io.switchboard.dispatcher.lane;

import io.switchboard.runtime.Counter;

/// What a dispatcher counts.
public enum DispatcherCounter implements Counter {
    RECORDS_READ("A record of the events topic was read by its lane."),
    EVENTS_STORED("An event went into an inbox."),
    EVENTS_REPEATED("A record was recognised as a repetition and not stored again."),
    EVENTS_DELAYED("An event waits for its deliver_at."),
    EVENTS_GONE("An event was over as it arrived: expired, dropped or skipped."),
    CANARIES("A canary passed through: an edge node's question whether events reach it."),
    RECORDS_REPUBLISHED("A copy was written: one target of a list, or a record from another lane."),
    RECORDS_RELEASED("A delayed event fell due and its copy was written."),
    RECORDS_REDELIVERED("A copy was written because an operator asked for it again."),
    DEAD_LETTERS("A record, or one target of it, became a dead letter."),
    RECEIPTS("A receipt was written."),
    OUTCOMES_REFUSED("Kafka refused a receipt, dead letter or position for good."),
    POSITIONS_WRITTEN("A position went to the acks topic."),
    POSITIONS_OVERWRITTEN("Somebody wrote a smaller position; the larger was written again."),
    HINTS_SENT("A hint was given to an edge node's topic."),
    HINTS_DROPPED("A hint was dropped: topic unknown, slow, or the producer's buffer full."),
    HINTS_DEAD_EDGE("An inbox named an edge node that is dead; nothing was sent."),
    APPENDS("A batch went to a shard, empty ones too."),
    LANES_BEHIND("A shard knew less than its lane: it lost something, or the lane is a zombie."),
    LANES_STARTED("A lane began, or began anew."),
    LANES_REBUILT("A lane filled an emptied shard from the log."),
    LANES_HELD("A lane paused because Redis or Kafka was away."),
    ACKS_BEHIND("A shard had forgotten positions of the acks topic; they were applied again."),
    GAPS_CROSSED("Retention had passed a fence; what was in between is lost and was marked so."),
    COMMITS("A commit of one lane was acknowledged."),
    COMMITS_FAILED("A commit of one lane failed; the next one says it all again."),
    OVERDUE("An event was not acknowledged in the time that its route allows."),
    OVERDUE_DROPPED("An overdue check was given up because a lane already had too many."),
    WRITER_RENEWED("A producer made no progress and was replaced.");

    private final String help;

    DispatcherCounter(String help) {
        this.help = help;
    }

    @Override
    public String help() {
        return help;
    }
}
