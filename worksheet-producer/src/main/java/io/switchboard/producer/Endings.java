package io.switchboard.producer;

import io.switchboard.schemas.Address;
import io.switchboard.schemas.Receipt;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Who waits for which event's end, and the latest ends that nobody has asked for yet: a receipt
/// may come before the one who sent the event knows its id.
///
/// Thread-safe.
final class Endings {
    private static final int MAX_RECENT = 100_000;

    private final Map<String, List<Waiter>> waiting = new HashMap<>();
    private final Map<String, Receipt> recent =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Receipt> eldest) {
                    return size() > MAX_RECENT;
                }
            };

    private record Waiter(@Nullable Address address, CompletableFuture<Receipt> end) {
        /// Ids are an app's own; the address says whether it is the same event.
        boolean means(Receipt receipt) {
            return address == null
                    || receipt.address() == null
                    || address.equals(receipt.address());
        }
    }

    /// @param address whom it was for, if known here
    CompletableFuture<Receipt> of(String id, @Nullable Address address) {
        var waiter = new Waiter(address, new CompletableFuture<>());
        synchronized (this) {
            var known = recent.get(id);
            if (known == null || !waiter.means(known)) {
                waiting.computeIfAbsent(id, _ -> new ArrayList<>()).add(waiter);
                waiter.end.whenComplete((_, _) -> forget(id, waiter));
                return waiter.end;
            }
            waiter.end.complete(known);
        }
        return waiter.end;
    }

    void onReceipt(Receipt receipt) {
        if (!receipt.kind().terminal()) {
            return;
        }
        var ended = new ArrayList<Waiter>();
        synchronized (this) {
            recent.put(receipt.id(), receipt);
            for (var waiter : waiting.getOrDefault(receipt.id(), List.of())) {
                if (waiter.means(receipt)) {
                    ended.add(waiter);
                }
            }
        }
        // Outside the lock: what depends on it may do anything, and removes the waiter.
        ended.forEach(each -> each.end.complete(receipt));
    }

    /// Also when the caller gave up (`orTimeout`, `cancel`).
    private synchronized void forget(String id, Waiter waiter) {
        waiting.computeIfPresent(
                id,
                (_, waiters) -> {
                    waiters.remove(waiter);
                    return waiters.isEmpty() ? null : waiters;
                });
    }

    synchronized int waiting() {
        return waiting.size();
    }
}
