package io.switchboard.producer;

import io.switchboard.runtime.Counter;

/// What the front door counts.
enum ProducerCounter implements Counter {
    REQUESTS_ACCEPTED("A request was answered 202: each of its events is in Kafka."),
    EVENTS_ACCEPTED("An event of such a request."),
    REQUESTS_REFUSED("A request was answered 4xx; nothing of it was sent."),
    REQUESTS_AWAY("A request was answered 503 because Kafka did not take all of it in time."),
    REQUESTS_OVERLOADED("A request was answered 503 because too much is in hand already."),
    REQUESTS_FAILED("A request was answered 500: a bug, see the log."),
    LOOKUPS("Somebody asked what became of an event."),
    RECEIPTS_READ("A receipt was read from Kafka into the index.");

    private final String help;

    ProducerCounter(String help) {
        this.help = help;
    }

    @Override
    public String help() {
        return help;
    }
}
