package io.switchboard.systemtests.chaos;

import io.switchboard.schemas.Receipt;
import io.switchboard.schemas.Topics;
import io.switchboard.systemtests.History;
import io.switchboard.systemtests.harness.Stage;
import io.switchboard.systemtests.harness.TopicReader;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Reads the receipts of one stage's events as they come, so that the history has them in their
/// place.
///
/// Thread-safe.
final class ReceiptTail implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);

    private final Stage stage;
    private final Set<String> ended = ConcurrentHashMap.newKeySet();
    private final Thread thread;
    private volatile boolean over;

    ReceiptTail(Stage stage) {
        this.stage = stage;
        this.thread = Thread.ofPlatform().name("receipts").start(this::read);
    }

    private void read() {
        try (var reader = new TopicReader(stage.system().infra().kafka(), Topics.RECEIPTS)) {
            while (!over) {
                reader.poll(POLL).forEach(record -> onReceipt(Receipt.decode(record.value())));
                reader.forget();
            }
        }
    }

    private void onReceipt(Receipt receipt) {
        var address = receipt.address();
        if (address == null || !address.app().equals(stage.app().name())) {
            return;
        }
        stage.history().add(new History.Receipted(receipt));
        if (receipt.kind().terminal()) {
            ended.add(receipt.id());
        }
    }

    /// Until each promised event has had its last one, or that time is over.
    void awaitEnds(Duration atMost) throws InterruptedException {
        var open = new HashSet<String>();
        for (var line : stage.history().lines()) {
            if (line.event() instanceof History.Promised(var event)) {
                open.add(event);
            }
        }
        long deadline = System.nanoTime() + atMost.toNanos();
        while (!ended.containsAll(open) && System.nanoTime() < deadline) {
            Thread.sleep(100);
        }
    }

    @Override
    public void close() {
        over = true;
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
