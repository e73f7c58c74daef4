package io.switchboard.edge.delivery;

import io.switchboard.inbox.Inbox;
import io.switchboard.schemas.Address;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Acknowledgements of one lane that wait to be sent: the largest of each address and agent. An
/// ack costs Redis as much as an append, so they travel together, one batch at a time; while one
/// is under way the next one grows.
///
/// Owned by the delivery thread.
final class Acks {
    static final int BATCH = 100;

    private record Key(Address address, @Nullable String agent) {}

    private final Map<Key, Long> waiting = new LinkedHashMap<>();
    private boolean underWay;

    void add(Address address, @Nullable String agent, long offset) {
        waiting.merge(new Key(address, agent), offset, Math::max);
    }

    boolean mayBeSent() {
        return !underWay && !waiting.isEmpty();
    }

    boolean isIdle() {
        return !underWay && waiting.isEmpty();
    }

    List<Inbox.Ack> take() {
        underWay = true;
        var batch = new ArrayList<Inbox.Ack>();
        var each = waiting.entrySet().iterator();
        while (each.hasNext() && batch.size() < BATCH) {
            var next = each.next();
            batch.add(
                    new Inbox.Ack(next.getKey().address(), next.getKey().agent(), next.getValue()));
            each.remove();
        }
        return batch;
    }

    void onSent() {
        underWay = false;
    }

    void onFailed(List<Inbox.Ack> batch) {
        underWay = false;
        batch.forEach(each -> add(each.address(), each.agent(), each.offset()));
    }
}
