package io.switchboard.producer;

import io.switchboard.schemas.Address;
import io.switchboard.schemas.Position;
import io.switchboard.schemas.Receipt;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is known of the latest events: accepted here, or seen in a receipt. The event that was
/// heard of least recently is forgotten first.
///
/// Thread-safe.
final class EventIndex {
    /// About 600 bytes each.
    static final int MAX_EVENTS = 100_000;

    private final int max;
    private final Map<Key, Known> events;

    /// An id is an app's own: two apps may use the same. A rejected event may have no app.
    private record Key(@Nullable String app, String id) {}

    EventIndex(int max) {
        this.max = max;
        this.events =
                new LinkedHashMap<>(1024, 0.75f, true) {
                    private static final long serialVersionUID = 1L;

                    @Override
                    protected boolean removeEldestEntry(Map.Entry<Key, Known> eldest) {
                        return size() > EventIndex.this.max;
                    }
                };
    }

    /// @param accepted null when this process learnt of it by a receipt
    /// @param receipts the latest of each kind, by rank
    record Known(@Nullable Accepted accepted, List<Receipt> receipts) {
        /// What the event came to: the terminal receipt of the highest rank, else the latest one;
        /// null when there is none.
        @Nullable Receipt last() {
            Receipt last = null;
            for (var each : receipts) {
                if (each.kind().terminal()) {
                    return each;
                }
                last = last == null || each.at().isAfter(last.at()) ? each : last;
            }
            return last;
        }
    }

    /// In Kafka.
    record Accepted(String url, Address address, Position position) {}

    /// A repetition (the same id sent again) does not move the event: it lies where it first did.
    synchronized void onAccepted(String id, Accepted accepted) {
        var key = new Key(accepted.address.app(), id);
        var known = events.get(key);
        // The receipt may have been faster than the answer of the broker to us.
        if (known == null) {
            events.put(key, new Known(accepted, List.of()));
        } else if (known.accepted == null) {
            events.put(key, new Known(accepted, known.receipts));
        }
    }

    synchronized void onReceipt(Receipt receipt) {
        var app = receipt.address() == null ? null : receipt.address().app();
        var key = new Key(app, receipt.id());
        var known = events.get(key);
        events.put(
                key,
                known == null
                        ? new Known(null, List.of(receipt))
                        : new Known(known.accepted, with(known.receipts, receipt)));
    }

    synchronized @Nullable Known find(String app, String id) {
        var known = events.get(new Key(app, id));
        return known == null ? events.get(new Key(null, id)) : known;
    }

    private static List<Receipt> with(List<Receipt> receipts, Receipt receipt) {
        var next = new ArrayList<>(receipts);
        next.removeIf(each -> each.kind() == receipt.kind());
        next.add(receipt);
        next.sort(java.util.Comparator.comparing(Receipt::kind));
        return List.copyOf(next);
    }
}
