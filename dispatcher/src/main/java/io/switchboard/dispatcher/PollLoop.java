package io.switchboard.dispatcher;

import io.switchboard.dispatcher.lane.DispatcherCounter;
import io.switchboard.dispatcher.lane.Lane;
import io.switchboard.dispatcher.lane.LogRecord;
import io.switchboard.dispatcher.lane.Ports;
import io.switchboard.runtime.Counters;
import io.switchboard.runtime.Failure;
import io.switchboard.schemas.CommitMarker;
import io.switchboard.schemas.LaneId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one thread that owns the consumer and every lane of this process. Each turn: answers that
/// came through the door, ticks, commits that gathered, then `poll`, which an answer ends at once.
///
/// A partition that is newly assigned is sought to 0 and paused in the listener: without a
/// position the consumer would look for a commit by itself and fail, and its lane does not know
/// yet where to begin.
///
/// Everything is confined to the loop's thread, but [#stop], [#lanes] and the door.
final class PollLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PollLoop.class);

    /// Ticks come at least this often.
    private static final Duration TURN = Duration.ofMillis(50);

    /// While a partition is paused `poll` does not wait: what was fetched of it beforehand wakes it
    /// at once (KAFKA-21084), and it would spin. The loop waits at the door then; so long, at
    /// most, do the other partitions' records lie there.
    private static final Duration AT_THE_DOOR = Duration.ofMillis(2);

    /// The broker has it, and answers at once.
    private static final Duration GATHERED = Duration.ofMillis(2);

    private static final Duration LAST_COMMIT = Duration.ofSeconds(2);
    private static final Duration CLOSING = Duration.ofSeconds(5);
    private static final Duration AFTER_FAILURE = Duration.ofMillis(200);

    /// Makes the lane of a partition, for one assignment.
    interface Lanes {
        Lane make(int partition, Ports.Source source, Ports.Commits commits);
    }

    private record Asked(
            long offset, CommitMarker marker, CompletableFuture<@Nullable Void> answer) {}

    private final org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer;
    private final String topic;
    private final int partitions;
    private final Turnstile door;
    private final Lanes factory;
    private final Consumer<Collection<Lane>> everyTurn;
    private final OffsetsOfGroup group;
    private final Counters<DispatcherCounter> counters;
    private final Consumer<Throwable> fatal;
    private final Thread thread;
    private final Gathering gathering = new Gathering();

    private final Map<TopicPartition, Lane> lanes = new HashMap<>();
    private final Map<TopicPartition, Asked> toCommit = new TreeMap<>(BY_PARTITION);
    private volatile List<Lane> visible = List.of();
    private volatile boolean stopping;
    private volatile boolean joined;
    private volatile @Nullable String trouble;

    private static final java.util.Comparator<TopicPartition> BY_PARTITION =
            java.util.Comparator.comparingInt(TopicPartition::partition);

    /// Reads what the group has committed.
    interface OffsetsOfGroup {
        CompletionStage<Ports.@Nullable Committed> committed(LaneId lane);
    }

    PollLoop(
            org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer,
            String topic,
            int partitions,
            Turnstile door,
            Lanes factory,
            Consumer<Collection<Lane>> everyTurn,
            OffsetsOfGroup group,
            Counters<DispatcherCounter> counters,
            Consumer<Throwable> fatal) {
        this.consumer = consumer;
        this.topic = topic;
        this.partitions = partitions;
        this.door = door;
        this.factory = factory;
        this.everyTurn = everyTurn;
        this.group = group;
        this.counters = counters;
        this.fatal = fatal;
        this.thread = Thread.ofPlatform().name("poll-loop").unstarted(this::run);
    }

    PollLoop start() {
        thread.start();
        return this;
    }

    /// The lanes of this process, as they were a moment ago.
    List<Lane> lanes() {
        return visible;
    }

    /// Whether the group has answered this process once.
    boolean hasJoined() {
        return joined;
    }

    /// Why the loop gets nothing from Kafka; null when it does.
    @Nullable String trouble() {
        return trouble;
    }

    boolean isAlive() {
        return thread.isAlive();
    }

    @Override
    public void close() {
        stopping = true;
        door.enter(() -> {});
        try {
            thread.join(CLOSING.plus(LAST_COMMIT));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            consumer.subscribe(List.of(topic), new Assignments());
            while (!stopping) {
                turn();
            }
            consumer.close(org.apache.kafka.clients.consumer.CloseOptions.timeout(CLOSING));
        } catch (RuntimeException | Error e) {
            if (!stopping) {
                fatal.accept(e);
            }
        }
    }

    private void turn() {
        door.serve();
        everyTurn.accept(lanes.values());
        lanes.values().forEach(Lane::tick);
        sendCommits();
        poll();
    }

    private void poll() {
        boolean holding = !consumer.paused().isEmpty();
        if (holding) {
            door.await(AT_THE_DOOR);
        } else if (gathering.pauseNanos(System.nanoTime()) > 0) {
            door.await(Duration.ofNanos(gathering.pauseNanos(System.nanoTime())));
            if (gathering.pauseNanos(System.nanoTime()) > 0) {
                return; // somebody came: they are served first
            }
        }
        boolean mayWait = !holding && door.beforePoll();
        try {
            read(mayWait ? TURN : Duration.ZERO);
            trouble = null;
        } catch (WakeupException _) {
            // Somebody stands at the door.
        } catch (OffsetOutOfRangeException e) {
            e.offsetOutOfRangePartitions().keySet().forEach(this::outOfRange);
        } catch (AuthorizationException e) {
            throw e;
        } catch (UnsupportedVersionException e) {
            throw new Failure(
                    "the broker does not know group.protocol=consumer (expected: Kafka 4.0 or newer; or --group-protocol classic)",
                    e);
        } catch (RetriableException e) {
            away(e);
        } catch (KafkaException e) {
            if (e.getCause() instanceof RuntimeException ours
                    && !(ours instanceof KafkaException)) {
                // A listener of ours failed: a bug.
                throw ours;
            }
            away(e);
        } finally {
            door.afterPoll();
        }
    }

    /// What came, and after a pause what gathered in it: the consumer fetches ahead, so that its
    /// first answer is what came when the pause had just begun. Both make one turn.
    private void read(Duration wait) {
        var read = new LinkedHashMap<Lane, List<LogRecord>>();
        int count = 0;
        try {
            boolean paused = gathering.hasPaused();
            count = take(consumer.poll(wait), read);
            if (paused && count > 0) {
                count += take(consumer.poll(wait.isZero() ? wait : GATHERED), read);
            }
        } finally {
            // Also when somebody came to the door during the second.
            gathering.took(count, System.nanoTime());
            read.forEach(Lane::onRecords);
        }
    }

    private int take(ConsumerRecords<byte[], byte[]> records, Map<Lane, List<LogRecord>> into) {
        for (var partition : records.partitions()) {
            var lane = lanes.get(partition);
            if (lane != null) {
                var its = into.computeIfAbsent(lane, _ -> new ArrayList<>());
                for (var each : records.records(partition)) {
                    its.add(KafkaReader.record(each));
                }
            }
        }
        return records.count();
    }

    private void outOfRange(TopicPartition partition) {
        // Somewhere, so that the next poll does not fail again before the lane knows better.
        consumer.pause(List.of(partition));
        consumer.seek(partition, 0);
        var lane = lanes.get(partition);
        if (lane != null) {
            lane.onOutOfRange();
        }
    }

    private void away(KafkaException e) {
        if (trouble == null) {
            LOG.atWarn().log("Kafka: {}", e.toString());
        }
        trouble = e.toString();
        try {
            Thread.sleep(AFTER_FAILURE);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    // --- commits: all lanes' in one request

    private void sendCommits() {
        if (toCommit.isEmpty()) {
            return;
        }
        var asked = Map.copyOf(toCommit);
        toCommit.clear();
        var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
        asked.forEach(
                (partition, each) -> offsets.put(partition, offset(each.offset, each.marker)));
        try {
            consumer.commitAsync(offsets, (_, thrown) -> answer(asked.values(), thrown));
        } catch (KafkaException e) {
            answer(asked.values(), e);
        }
    }

    private static OffsetAndMetadata offset(long offset, CommitMarker marker) {
        return new OffsetAndMetadata(offset, marker.encode());
    }

    private static void answer(Collection<Asked> asked, @Nullable Exception thrown) {
        for (var each : asked) {
            if (thrown == null) {
                each.answer.complete(null);
            } else {
                each.answer.completeExceptionally(thrown);
            }
        }
    }

    private final class LaneCommits implements Ports.Commits {
        @Override
        public CompletionStage<Ports.@Nullable Committed> committed(LaneId lane) {
            return group.committed(lane);
        }

        @Override
        public CompletionStage<@Nullable Void> commit(
                LaneId lane, long offset, CommitMarker marker) {
            var asked = new Asked(offset, marker, new CompletableFuture<>());
            var before = toCommit.put(new TopicPartition(topic, lane.partition()), asked);
            if (before != null) {
                before.answer.completeExceptionally(new IllegalStateException("a later one came"));
            }
            return asked.answer;
        }
    }

    private final class LaneSource implements Ports.Source {
        private final TopicPartition partition;

        LaneSource(TopicPartition partition) {
            this.partition = partition;
        }

        @Override
        public void seek(long offset) {
            consumer.seek(partition, offset);
        }

        @Override
        public void hold() {
            consumer.pause(List.of(partition));
        }

        @Override
        public void flow() {
            consumer.resume(List.of(partition));
        }
    }

    // --- assignments

    private final class Assignments implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
            joined = true;
            for (var partition : assigned) {
                if (partition.partition() >= partitions) {
                    throw new IllegalStateException(
                            "topic '%s' has grown beyond %d partitions (expected: the lane count is fixed; `./switchboard migrate partitions` is the way to more)"
                                    .formatted(topic, partitions));
                }
                consumer.seek(partition, 0);
                consumer.pause(List.of(partition));
                var source = new LaneSource(partition);
                var lane = factory.make(partition.partition(), source, new LaneCommits());
                var before = lanes.put(partition, lane);
                if (before != null) {
                    before.stop();
                }
                LOG.atInfo().addKeyValue("lane", lane.id()).log("Assigned");
                lane.begin();
            }
            lanes.values().forEach(Lane::onAssignmentChanged);
            show();
        }

        /// What is done is committed before the partition goes; bounded, since the group waits.
        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
            var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
            for (var partition : revoked) {
                var lane = lanes.get(partition);
                var marker = lane == null ? null : lane.toCommit();
                if (marker != null) {
                    offsets.put(partition, offset(marker.offset(), marker));
                }
            }
            if (!offsets.isEmpty()) {
                commitNow(offsets, true);
            }
            drop(revoked, "Revoked");
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> lost) {
            drop(lost, "Lost");
        }

        private void drop(Collection<TopicPartition> gone, String how) {
            for (var partition : gone) {
                toCommit.remove(partition);
                var lane = lanes.remove(partition);
                if (lane != null) {
                    lane.stop();
                    LOG.atInfo().addKeyValue("lane", lane.id()).log("{}", how);
                }
            }
            show();
        }

        private void show() {
            visible = List.copyOf(lanes.values());
        }
    }

    private void commitNow(Map<TopicPartition, OffsetAndMetadata> offsets, boolean again) {
        try {
            consumer.commitSync(offsets, LAST_COMMIT);
            counters.add(DispatcherCounter.COMMITS, offsets.size());
        } catch (WakeupException e) {
            if (again) {
                commitNow(offsets, false);
            }
        } catch (KafkaException e) {
            counters.add(DispatcherCounter.COMMITS_FAILED, offsets.size());
            LOG.atWarn().log("The last commit failed: {}", e.toString());
        }
    }
}
