package io.switchboard.operator;

import io.switchboard.inbox.InboxInspection.LaneView;
import io.switchboard.inbox.Leases;
import io.switchboard.runtime.EventsTopic;
import io.switchboard.runtime.Failure;
import io.switchboard.runtime.LaneLayout;
import io.switchboard.runtime.Unusable;
import io.switchboard.schemas.CommitMarker;
import io.switchboard.schemas.ControlCommand.Lanes;
import io.switchboard.schemas.ControlCommand.Lanes.Step;
import io.switchboard.schemas.Growth;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Origin;
import io.switchboard.schemas.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// How lanes grow: front doors are held, lanes finish, dispatchers end, Kafka gets partitions, and
/// the control topic says where each former lane was cut. Each step is written down before the next
/// begins, so that whoever runs it again goes on.
///
/// *Used by one thread.*
final class Growing implements AutoCloseable {
    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /// Held for so long, no front door has anything on its way.
    private static final Duration QUIET = Duration.ofSeconds(2);

    /// A dispatcher that did not end well must take its lanes once more.
    private static final int MOST_STOPS = 3;

    private final KafkaLink kafka;
    private final RedisLink redis;
    private final Dispatchers dispatchers;
    private final ControlTopic control;
    private final GrowthRecord record;
    private final Print print;
    private final int to;
    private @Nullable EventsTopic found;
    private @Nullable EventsTopic topic;
    private @Nullable Lanes said;

    Growing(KafkaLink kafka, RedisLink redis, String group, int to, Print print) {
        this.kafka = kafka;
        this.redis = redis;
        this.dispatchers = new Dispatchers(kafka, group);
        this.control = new ControlTopic(kafka);
        this.record = new GrowthRecord(kafka);
        this.to = to;
        this.print = print;
    }

    @Override
    public void close() {
        record.close();
    }

    // --- before anything is done

    /// @throws Failure naming what is missing
    void look() {
        found = kafka.eventsOfKafka();
        said = control.lanes();
        topic = LaneLayout.of(found, said);
        var underWay = underWay();
        if (underWay != null) {
            if (underWay.to() != to) {
                throw new Failure(
                        "a growth from %d to %d lanes was begun (expected: --lanes %d; or --abort)"
                                .formatted(underWay.from(), underWay.to(), underWay.to()));
            }
            return;
        }
        if (from() == to) {
            return;
        }
        try {
            Growth.checkCounts(from(), to);
        } catch (IllegalArgumentException e) {
            throw new Unusable("--" + e.getMessage());
        }
        for (var each : List.of(topic().name(), Topics.ACKS)) {
            int partitions = kafka.reader().partitions(each).size();
            if (partitions != from()) {
                throw new Failure(
                        "topic '%s' has %d partitions (expected: %d, as many as there are lanes)"
                                .formatted(each, partitions, from()));
            }
        }
        checkLanes();
        checkEdges();
    }

    boolean isNeeded() {
        if (underWay() == null && from() == to) {
            print.line("There are %d lanes already.".formatted(to));
            print.object(Json.object().put("step", "done").put("from", to).put("to", to));
            return false;
        }
        return true;
    }

    private void checkLanes() {
        var owners = dispatchers.owners();
        var commits = dispatchers.commits();
        for (int lane = 0; lane < from(); lane++) {
            var at = partition(lane);
            if (!owners.containsKey(at)) {
                throw new Failure(
                        "lane %s has no owner (expected: dispatchers that serve every lane, so that nothing is left undone)"
                                .formatted(topic().lane(lane)));
            }
            var commit = commits.get(at);
            var marker = commit == null ? null : CommitMarker.decode(commit.metadata());
            if (commit == null
                    || marker == null
                    || !marker.isOf(topic().lane(lane), commit.offset())) {
                throw new Failure(
                        "lane %s has no commit of its own (expected: its dispatcher has begun)"
                                .formatted(topic().lane(lane)));
            }
        }
    }

    /// One that does not say how many lanes it knows is of a release that knows no growth.
    private void checkEdges() {
        for (var each : leases()) {
            if (each.notice().lanes() != from()) {
                throw new Failure(
                        "edge node '%s' %s (expected: %d, by a release that knows `migrate partitions`)"
                                .formatted(
                                        each.edge().id(),
                                        each.notice().lanes() < 0
                                                ? "does not say how many lanes it knows"
                                                : "knows of %d lanes"
                                                        .formatted(each.notice().lanes()),
                                        from()));
            }
        }
    }

    void sayWhatWouldBeDone() {
        var underWay = underWay();
        print.line(
                underWay == null
                        ? "%d lanes would become %d; %s."
                                .formatted(
                                        from(),
                                        to,
                                        to == from()
                                                ? "nothing is to be done"
                                                : "addresses go on in one of the lanes named")
                        : "A growth from %d to %d lanes is under way (%s); it would be finished."
                                .formatted(underWay.from(), underWay.to(), word(underWay.step())));
        var table = Table.of(">LANE", "GOES ON IN", ">END", ">LAG", ">OPEN", "OWNER");
        var owners = dispatchers.owners();
        var ends = kafka.reader().ends(partitions(from()));
        for (int lane = 0; lane < from(); lane++) {
            var view = view(lane);
            long end = ends.getOrDefault(partition(lane), 0L);
            long lag = view.fence() == null ? end : Math.max(0, end - view.fence() - 1);
            var lanes = successors(lane);
            table.row(
                    topic().lane(lane),
                    lanes,
                    end,
                    lag,
                    view.open(),
                    owners.getOrDefault(partition(lane), "-"));
            print.object(
                    Json.object()
                            .put("lane", lane)
                            .put("goes_on_in", lanes)
                            .put("end", end)
                            .put("lag", lag)
                            .put("open", view.open()));
        }
        print.table(table);
        print.line(
                "Waiting events stay where they are; browsers read them there first. Front doors would answer 503, and nothing would be delivered, for some seconds.");
    }

    private String successors(int lane) {
        return IntStream.iterate(lane, each -> each < to, each -> each + from())
                .mapToObj(Integer::toString)
                .reduce((one, other) -> one + ", " + other)
                .orElseThrow();
    }

    // --- back

    void takeBack() {
        record.takeOver();
        look();
        var underWay = underWay();
        if (underWay == null) {
            throw new Failure("no growth is under way (expected: an interrupted one)");
        }
        if (Objects.requireNonNull(found).partitions() > underWay.from()) {
            throw new Failure(
                    "topic '%s' has %d partitions by now (expected: run again without --abort, since Kafka takes none back)"
                            .formatted(topic().name(), found.partitions()));
        }
        retract();
        print.line("Taken back: there are %d lanes.".formatted(from()));
        print.object(Json.object().put("step", "taken back").put("lanes", from()));
    }

    private void retract() {
        var grown = topic().grown();
        if (grown.isEmpty()) {
            record.takeBack(lanes(Step.HOLD, List.of()));
        } else {
            var last = grown.getLast();
            record.say(
                    new Lanes(
                            topic().name(),
                            topic().tag(),
                            Step.DONE,
                            last.from(),
                            last.to(),
                            grown,
                            Instant.now()));
        }
    }

    // --- forward

    void run(boolean unheldProducers) throws InterruptedException {
        record.takeOver();
        look();
        long began = System.nanoTime();
        boolean cut = Objects.requireNonNull(found).partitions() >= to;
        var underWay = underWay();
        if (cut || (underWay != null && underWay.step() == Step.STOP)) {
            step("stopped", "Going on with what was begun.");
            finishStopping(unheldProducers);
        } else {
            hold(unheldProducers);
            stop(unheldProducers, 1);
        }
        addPartitions();
        var cuts = cuts();
        var grown = new ArrayList<>(topic().grown());
        grown.add(new Growth(from(), to, Instant.now(), cuts));
        record.say(lanes(Step.DONE, grown));
        step(
                "done",
                "%d lanes. Held for %.1f s; waiting until every process works with them."
                        .formatted(to, (System.nanoTime() - began) / 1e9));
        awaitEverybody();
        print.line("Every lane has its dispatcher, every edge node knows.");
    }

    private void hold(boolean unheldProducers) throws InterruptedException {
        record.say(lanes(Step.HOLD, topic().grown()));
        step("held", "Front doors accept nothing; lanes finish what is there.");
        try {
            awaitFinished(unheldProducers);
        } catch (Failure e) {
            retract();
            throw e;
        }
    }

    /// Until lanes have taken everything, and for a while nothing came but what our own processes
    /// write by themselves.
    private void awaitFinished(boolean unheldProducers) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        var ends = kafka.reader().ends(partitions(from()));
        long quietSince = System.nanoTime();
        while (true) {
            Thread.sleep(LOOK_AGAIN);
            var now = kafka.reader().ends(partitions(from()));
            var last = lastOfAProducer(ends, now);
            if (last != null) {
                quietSince = System.nanoTime();
            }
            ends = now;
            boolean quiet = System.nanoTime() - quietSince >= QUIET.toNanos();
            boolean finished = isFinished(ends);
            if (finished && (quiet || unheldProducers)) {
                return;
            }
            if (System.nanoTime() > deadline) {
                throw new Failure(
                        finished
                                ? "somebody still writes into '%s' (expected: producers that write straight into Kafka are stopped, or --unheld-producers)"
                                        .formatted(topic().name())
                                : "lanes did not finish within %d s (expected: `lanes` shows no lag)"
                                        .formatted(PATIENCE.toSeconds()));
            }
        }
    }

    private boolean isFinished(Map<TopicPartition, Long> ends) {
        for (int lane = 0; lane < from(); lane++) {
            var fence = view(lane).fence();
            if (fence == null || fence + 1 < ends.getOrDefault(partition(lane), 0L)) {
                return false;
            }
        }
        return true;
    }

    /// Canaries, and copies that dispatchers make, do not count.
    private @Nullable TopicPartition lastOfAProducer(
            Map<TopicPartition, Long> from, Map<TopicPartition, Long> until) {
        var last = new HashMap<String, TopicPartition>();
        kafka.reader()
                .read(
                        LogReader.ranges(partitions(from()), from, until),
                        each -> {
                            if (!isACopy(each.headers().lastHeader(Origin.HEADER))) {
                                last.put(
                                        "last", new TopicPartition(each.topic(), each.partition()));
                            }
                            return true;
                        });
        return last.get("last");
    }

    private static boolean isACopy(org.apache.kafka.common.header.@Nullable Header origin) {
        try {
            return origin != null && Origin.decode(origin.value()).kind() != Origin.Kind.DIRECT;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    private void stop(boolean unheldProducers, int time) throws InterruptedException {
        record.say(lanes(Step.STOP, topic().grown()));
        step("stopping", "Dispatchers end.");
        try {
            await("group has members", () -> !dispatchers.running());
        } catch (Failure e) {
            record.say(lanes(Step.HOLD, topic().grown()));
            retract();
            throw e;
        }
        again(unheldProducers, time);
    }

    private void finishStopping(boolean unheldProducers) throws InterruptedException {
        await("group has members", () -> !dispatchers.running());
        again(unheldProducers, 0);
    }

    /// What a dispatcher did not commit when it ended is done again by the next one: only then is
    /// it known that all of its copies are in the log.
    private void again(boolean unheldProducers, int time) throws InterruptedException {
        var unclean = unclean();
        if (unclean == null) {
            step("stopped", "No dispatcher works; lanes are cut where their commits are.");
            return;
        }
        if (time == MOST_STOPS || kafka.eventsOfKafka().partitions() >= to) {
            throw new Failure(unclean);
        }
        print.note(unclean + "; lanes are taken once more");
        record.say(lanes(Step.HOLD, topic().grown()));
        await("lanes without an owner", () -> dispatchers.owners().size() == from());
        awaitFinished(unheldProducers);
        stop(unheldProducers, time + 1);
    }

    /// Null: every lane's commit is its own, and says all that its shard has.
    private @Nullable String unclean() {
        var commits = dispatchers.commits();
        for (int lane = 0; lane < from(); lane++) {
            var id = topic().lane(lane);
            var commit = commits.get(partition(lane));
            var marker = commit == null ? null : CommitMarker.decode(commit.metadata());
            var fence = view(lane).fence();
            if (commit == null || marker == null || !marker.isOf(id, commit.offset())) {
                return "lane %s has no commit of its own".formatted(id);
            }
            if (fence == null || fence + 1 != commit.offset()) {
                return "lane %s committed %d, and its shard has %s (expected: one less)"
                        .formatted(id, commit.offset(), fence);
            }
        }
        return null;
    }

    private void addPartitions() {
        for (var each : List.of(Topics.ACKS, topic().name())) {
            if (partitionsOf(each) < to) {
                kafka.get(
                        kafka.admin()
                                .createPartitions(Map.of(each, NewPartitions.increaseTo(to)))
                                .all(),
                        "partitions of '%s'".formatted(each));
            }
        }
        step("cut", "'%s' and '%s' have %d partitions.".formatted(topic().name(), Topics.ACKS, to));
    }

    private int partitionsOf(String name) {
        var asked = kafka.admin().describeTopics(List.of(name)).topicNameValues().get(name);
        return kafka.get(Objects.requireNonNull(asked), "topic '%s'".formatted(name))
                .partitions()
                .size();
    }

    private List<Long> cuts() {
        var commits = dispatchers.commits();
        return IntStream.range(0, from())
                .mapToObj(lane -> Objects.requireNonNull(commits.get(partition(lane))).offset())
                .toList();
    }

    private void awaitEverybody() throws InterruptedException {
        await(
                "lanes without an owner or a fence",
                () ->
                        dispatchers.owners().size() == to
                                && IntStream.range(0, to)
                                        .allMatch(each -> view(each).fence() != null));
        await(
                "edge nodes that do not know",
                () -> leases().stream().allMatch(each -> each.notice().lanes() == to));
    }

    // --- small things

    private @Nullable Lanes underWay() {
        return said != null && said.tag().equals(topic().tag()) && said.step() != Step.DONE
                ? said
                : null;
    }

    private Lanes lanes(Step step, List<Growth> grown) {
        return new Lanes(topic().name(), topic().tag(), step, from(), to, grown, Instant.now());
    }

    private void step(String step, String sentence) {
        print.line("%-9s %s".formatted(step, sentence));
        print.object(Json.object().put("step", step).put("from", from()).put("to", to));
    }

    private static String word(Step step) {
        return step == Step.HOLD ? "front doors are held" : "dispatchers are stopped";
    }

    private static void await(String what, BooleanSupplier done) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!done.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new Failure(
                        "after %d s there are %s (expected: none; it is safe to run this again)"
                                .formatted(PATIENCE.toSeconds(), what));
            }
            Thread.sleep(LOOK_AGAIN);
        }
    }

    private List<Leases.Lease> leases() {
        return redis.get(redis.leases().all());
    }

    private LaneView view(int lane) {
        return redis.get(redis.inspection().lane(topic().lane(lane)));
    }

    private EventsTopic topic() {
        return Objects.requireNonNull(topic, "look comes first");
    }

    private int from() {
        return topic().partitions();
    }

    private TopicPartition partition(int lane) {
        return new TopicPartition(topic().name(), lane);
    }

    private List<TopicPartition> partitions(int count) {
        return IntStream.range(0, count).mapToObj(this::partition).toList();
    }
}
