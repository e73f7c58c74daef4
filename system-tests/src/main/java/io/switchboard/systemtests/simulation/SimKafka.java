package io.switchboard.systemtests.simulation;

import io.switchboard.dispatcher.lane.LogRecord;
import io.switchboard.dispatcher.lane.Ports;
import io.switchboard.schemas.AckedPosition;
import io.switchboard.schemas.CommitMarker;
import io.switchboard.schemas.DeadLetter;
import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.Receipt;
import io.switchboard.schemas.RedrivenLetter;
import io.switchboard.systemtests.History;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/// The log: partitions with holes, the acks topic, group offsets and who owns which lane. Nothing
/// acknowledged is ever lost; what a process sends arrives in order, a prefix of it if it crashes.
final class SimKafka {
    /// Null: a transaction marker, an offset that no consumer sees.
    private final List<List<@Nullable LogRecord>> events = new ArrayList<>();

    private final List<List<@Nullable LogRecord>> acks = new ArrayList<>();
    private final Map<Integer, Ports.Committed> commits = new HashMap<>();
    private final Map<Integer, Assignment> owners = new HashMap<>();
    private final List<DeadLetter> deadLetters = new ArrayList<>();
    private final World world;
    private final Weather weather;
    private final String tag;
    private final History history;
    private BiConsumer<Integer, CommitMarker> seen = (_, _) -> {};
    private int assignments;

    record Assignment(SimProcess owner, int life, int number) {}

    SimKafka(World world, Weather weather, String tag, int lanes, History history) {
        this.world = world;
        this.weather = weather;
        this.tag = tag;
        this.history = history;
        for (int i = 0; i < lanes; i++) {
            events.add(new ArrayList<>());
            acks.add(new ArrayList<>());
        }
    }

    LaneId lane(int partition) {
        return new LaneId(tag, partition);
    }

    int lanes() {
        return events.size();
    }

    List<DeadLetter> deadLetters() {
        return deadLetters;
    }

    /// Appends at once.
    long append(int partition, byte @Nullable [] key, byte[] value, Headers headers) {
        return append(events.get(partition), key, value, headers);
    }

    void appendMarker(int partition) {
        events.get(partition).add(null);
    }

    private long append(
            List<@Nullable LogRecord> log, byte @Nullable [] key, byte[] value, Headers headers) {
        log.add(new LogRecord(log.size(), world.now(), key, value, headers));
        return log.size() - 1L;
    }

    /// Some records from `from`; `next` is one after the last offset that was looked at.
    Ports.Chunk fetch(Ports.Log log, int partition, long from, long to, int most) {
        var all = (log == Ports.Log.EVENTS ? events : acks).get(partition);
        var records = new ArrayList<LogRecord>();
        long next = from;
        for (; next < Math.min(to, all.size()) && records.size() < most; next++) {
            var record = all.get((int) next);
            if (record != null) {
                records.add(record);
            }
        }
        return new Ports.Chunk(List.copyOf(records), next);
    }

    long end(Ports.Log log, int partition) {
        return (log == Ports.Log.EVENTS ? events : acks).get(partition).size();
    }

    // --- the group

    Assignment assign(int partition, SimProcess owner) {
        var assignment = new Assignment(owner, owner.life(), ++assignments);
        owners.put(partition, assignment);
        return assignment;
    }

    @Nullable Assignment owner(int partition) {
        return owners.get(partition);
    }

    Ports.@Nullable Committed committed(int partition) {
        return commits.get(partition);
    }

    /// An operator's reset. The group is empty: nobody of it may commit any more.
    void resetGroup(int partition, long offset) {
        owners.remove(partition);
        commits.put(partition, new Ports.Committed(offset, ""));
    }

    /// Each record of a partition, in its order.
    void forEachEvent(int partition, Consumer<LogRecord> seen) {
        events.get(partition).stream().filter(Objects::nonNull).forEach(seen);
    }

    /// Told of each commit that the coordinator takes.
    void onCommit(BiConsumer<Integer, CommitMarker> seen) {
        this.seen = seen;
    }

    // --- what a process sees of it

    /// What one life of a process sends and asks. What it sends arrives in order, topic partition
    /// by topic partition; while the way is cut it waits.
    final class Client implements Ports.EventsLog, Ports.Outcomes, Ports.LogReader {
        private final SimProcess process;
        private final Map<String, Stream> streams = new LinkedHashMap<>();
        private boolean over;

        /// One partition's way.
        private static final class Stream {
            final ArrayDeque<Runnable> unsent = new ArrayDeque<>();
            long lastArrival;
        }

        Client(SimProcess process) {
            this.process = process;
        }

        private <T> CompletionStage<T> send(String to, Supplier<T> onBroker) {
            var answer = new CompletableFuture<T>();
            var stream = streams.computeIfAbsent(to, _ -> new Stream());
            stream.unsent.add(
                    () -> {
                        var value = onBroker.get();
                        process.later(weather.latency(), () -> answer.complete(value));
                    });
            stream.lastArrival = Math.max(stream.lastArrival, world.now() + weather.latency());
            world.in(
                    stream.lastArrival - world.now(),
                    () -> {
                        if (!process.kafkaCut && !over && !stream.unsent.isEmpty()) {
                            stream.unsent.remove().run();
                        }
                    });
            return answer;
        }

        void onReconnected() {
            for (var stream : streams.values()) {
                while (!stream.unsent.isEmpty()) {
                    stream.unsent.remove().run();
                }
            }
        }

        /// Of what is on its way a prefix arrives.
        void onCrash() {
            for (var stream : streams.values()) {
                int arriving = (int) world.between(0, stream.unsent.size());
                for (int i = 0; i < arriving && !process.kafkaCut; i++) {
                    stream.unsent.remove().run();
                }
            }
            over = true;
        }

        private <T> CompletionStage<T> ask(Supplier<T> onBroker) {
            var answer = new CompletableFuture<T>();
            process.later(
                    weather.latency(),
                    () -> {
                        if (process.kafkaCut) {
                            answer.completeExceptionally(
                                    new IllegalStateException("simulated: Kafka is away"));
                        } else {
                            answer.complete(onBroker.get());
                        }
                    });
            return answer;
        }

        @Override
        public CompletionStage<@Nullable Void> republish(ProducerRecord<byte[], byte[]> copy) {
            int partition = copy.partition();
            return send(
                    "events-" + partition,
                    () -> {
                        long offset = append(partition, copy.key(), copy.value(), copy.headers());
                        world.trace(
                                () ->
                                        "%s republishes to %d@%d"
                                                .formatted(process, partition, offset));
                        return null;
                    });
        }

        @Override
        public CompletionStage<@Nullable Void> receipt(Receipt receipt) {
            return send(
                    "receipts",
                    () -> {
                        world.trace(() -> "receipt %s %s".formatted(receipt.id(), receipt.kind()));
                        history.add(new History.Receipted(receipt));
                        return null;
                    });
        }

        @Override
        public CompletionStage<@Nullable Void> deadLetter(DeadLetter letter) {
            return send(
                    "letters",
                    () -> {
                        deadLetters.add(letter);
                        return null;
                    });
        }

        @Override
        public CompletionStage<Long> acked(LaneId lane, AckedPosition position) {
            return send(
                    "acks-" + lane.partition(),
                    () -> {
                        world.trace(() -> "%s writes %s".formatted(process, position));
                        return append(
                                acks.get(lane.partition()),
                                position.key(),
                                position.encode(),
                                new RecordHeaders());
                    });
        }

        @Override
        public CompletionStage<@Nullable Void> redriven(LaneId lane, RedrivenLetter letter) {
            return send(
                            "acks-" + lane.partition(),
                            () ->
                                    append(
                                            acks.get(lane.partition()),
                                            letter.key(),
                                            letter.encode(),
                                            new RecordHeaders()))
                    .thenAccept(_ -> {});
        }

        @Override
        public CompletionStage<Ports.Bounds> bounds(Ports.Log log, LaneId lane) {
            return ask(() -> new Ports.Bounds(0, end(log, lane.partition())));
        }

        @Override
        public CompletionStage<Long> offsetAt(LaneId lane, long timestamp) {
            return ask(
                    () -> {
                        var all = events.get(lane.partition());
                        for (int i = 0; i < all.size(); i++) {
                            var record = all.get(i);
                            if (record != null && record.timestamp() >= timestamp) {
                                return (long) i;
                            }
                        }
                        return (long) all.size();
                    });
        }

        @Override
        public CompletionStage<Ports.Chunk> read(Ports.Log log, LaneId lane, long from, long to) {
            return ask(() -> fetch(log, lane.partition(), from, to, (int) world.between(1, 10)));
        }

        /// Commits of one assignment; refused once the lane is somebody else's.
        Ports.Commits commitsOf(Assignment assignment) {
            return new Ports.Commits() {
                @Override
                public CompletionStage<Ports.@Nullable Committed> committed(LaneId lane) {
                    return ask(() -> commits.get(lane.partition()));
                }

                @Override
                public CompletionStage<@Nullable Void> commit(
                        LaneId lane, long offset, CommitMarker marker) {
                    var answer = new CompletableFuture<@Nullable Void>();
                    if (process.kafkaCut) {
                        process.later(
                                100,
                                () ->
                                        answer.completeExceptionally(
                                                new IllegalStateException("Kafka is away")));
                        return answer;
                    }
                    world.in(
                            weather.latency(),
                            () -> {
                                boolean ours = assignment.equals(owners.get(lane.partition()));
                                if (ours) {
                                    commits.put(
                                            lane.partition(),
                                            new Ports.Committed(offset, marker.encode()));
                                    seen.accept(lane.partition(), marker);
                                    world.trace(
                                            () ->
                                                    "%s commits %s %d %s"
                                                            .formatted(
                                                                    process,
                                                                    lane,
                                                                    offset,
                                                                    marker.encode()));
                                }
                                process.later(
                                        weather.latency(),
                                        () -> {
                                            if (ours) {
                                                answer.complete(null);
                                            } else {
                                                answer.completeExceptionally(
                                                        new IllegalStateException("not ours"));
                                            }
                                        });
                            });
                    return answer;
                }
            };
        }
    }
}
