package io.switchboard.inbox;

import io.switchboard.inbox.AppendAnswer.Outcome.Kind;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.LaneId;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// What every page of the contract works with.
interface InboxKit {
    Address ADA = new Address.Agent("desk", "ada");
    Address BOB = new Address.Agent("desk", "bob");
    Address ROLE = new Address.Role("desk", "night-shift");
    Address APP = new Address.App("desk");
    AtomicInteger TAGS = new AtomicInteger();

    Inbox inbox();

    TestClock clock();

    /// As a Redis that lost this shard.
    void lose(LaneId lane);

    default TestLane lane() {
        return new TestLane(inbox(), new LaneId("t" + TAGS.incrementAndGet(), 3));
    }

    static TestRecord event(long offset, Address address) {
        return TestRecord.of(offset, address);
    }

    static Kind[] kinds(Kind... kinds) {
        return kinds;
    }

    static List<Long> offsets(Feed feed) {
        return feed.entries().stream().map(Feed.Entry::offset).toList();
    }

    static List<Feed.Gone> noGone() {
        return List.of();
    }

    static String words(OutboxEntry entry) {
        return switch (entry) {
            case OutboxEntry.Ended ended ->
                    "%s %d %s %s"
                            .formatted(
                                    ended.kind(), ended.offset(), ended.address(), ended.eventId());
            case OutboxEntry.Moved moved ->
                    "moved %s%s %d %d %d"
                            .formatted(
                                    moved.address(),
                                    moved.agent() == null ? "" : "|" + moved.agent(),
                                    moved.acked(),
                                    moved.settled(),
                                    moved.gone());
        };
    }

    static List<String> words(List<OutboxEntry> entries) {
        return entries.stream().map(InboxKit::words).toList();
    }
}
