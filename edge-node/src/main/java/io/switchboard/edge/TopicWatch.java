package io.switchboard.edge;

import io.switchboard.edge.delivery.DeliveryDoor;
import io.switchboard.edge.delivery.Lanes;
import io.switchboard.runtime.EventsTopic;
import io.switchboard.runtime.Failure;
import io.switchboard.runtime.LaneLayout;
import io.switchboard.schemas.Growth;
import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.clients.admin.Admin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks now and then whether the topics are still the same ones: the events topic may be deleted
/// and created again (all positions change), and our own may be deleted (nobody can hint to us).
///
/// Works on a thread of its own.
final class TopicWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TopicWatch.class);
    private static final Duration PERIOD = Duration.ofSeconds(10);

    private final Admin admin;
    private final String eventsTopic;
    private final DeliveryDoor door;
    private final LeaseKeeper lease;
    private final LaneLayout layout;
    private volatile EventsTopic events;
    private final Thread thread = Thread.ofVirtual().name("topics").unstarted(this::run);

    /// @param events as it was found at the start
    TopicWatch(Admin admin, EventsTopic events, DeliveryDoor door, LeaseKeeper lease) {
        this.admin = admin;
        this.eventsTopic = events.name();
        this.events = events;
        this.layout = new LaneLayout(eventsTopic, this::tell);
        this.door = door;
        this.lease = lease;
    }

    /// Hears what the control topic says of it.
    LaneLayout layout() {
        return layout;
    }

    /// How many lanes it has, for who writes to it.
    int lanes() {
        return layout.of(events).partitions();
    }

    private void tell() {
        door.lanes(lanes(layout.of(events)));
    }

    private static Lanes lanes(EventsTopic topic) {
        var now = Instant.now();
        return new Lanes(
                topic.tag(),
                topic.partitions(),
                topic.grown().stream()
                        .filter(each -> each.matters(now))
                        .map(Growth::from)
                        .toList());
    }

    TopicWatch start() {
        thread.start();
        return this;
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                Thread.sleep(PERIOD);
                look();
            }
        } catch (InterruptedException _) {
            // closed
        }
    }

    private void look() {
        try {
            events = EventsTopic.resolve(admin, eventsTopic);
            tell();
            if (EdgeTopic.isMissing(admin, lease.edge())) {
                LOG.atWarn().addKeyValue("edge", lease.edge()).log("Our topic has vanished");
                lease.renew();
            }
        } catch (Failure e) {
            if (!Thread.currentThread().isInterrupted()) {
                LOG.atWarn().log("{}", e.getMessage());
            }
        }
    }
}
