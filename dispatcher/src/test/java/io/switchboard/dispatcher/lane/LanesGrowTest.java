package io.switchboard.dispatcher.lane;

import static io.switchboard.dispatcher.lane.LaneWorld.PROOF;
import static io.switchboard.dispatcher.lane.LaneWorld.TOPIC;
import static io.switchboard.dispatcher.lane.LaneWorld.URL;
import static io.switchboard.dispatcher.lane.LaneWorld.envelope;
import static io.switchboard.dispatcher.lane.LaneWorld.target;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.inbox.Inbox;
import io.switchboard.runtime.EventsTopic;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Growth;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.LaneId;
import io.switchboard.schemas.Origin;
import io.switchboard.schemas.Republisher;
import io.switchboard.schemas.Target;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

/// From two lanes to four: what lies in a former lane stays there, and what is written there too
/// late goes on.
class LanesGrowTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    /// Lay in lane 0, and lies in lane 2.
    private static final Address.Agent MOVED = agent(0, 2);

    private static final Address.Agent STAYED = agent(0, 0);

    private final LaneWorld world = new LaneWorld();

    private static Address.Agent agent(int before, int after) {
        return Stream.iterate(0, each -> each + 1)
                .map(each -> new Address.Agent("helpdesk", "u" + each))
                .filter(each -> each.partition(2) == before && each.partition(4) == after)
                .findFirst()
                .orElseThrow();
    }

    /// The tool: lanes have come to rest, and are cut where their logs end.
    private void grow() {
        world.pass(SECOND);
        List.copyOf(world.hosts).forEach(LaneWorld.Host::crash);
        var cuts = List.of((long) world.log.get(0).size(), (long) world.log.get(1).size());
        world.topic =
                new EventsTopic(
                        TOPIC.name(),
                        TOPIC.tag(),
                        4,
                        List.of(new Growth(2, 4, world.clock.instant(), cuts)));
    }

    private void startAll() {
        for (int lane = 0; lane < 4; lane++) {
            world.start(lane);
        }
        world.pass(SECOND);
    }

    private List<String> texts(Address address, int lane) {
        return LaneWorld.done(world.inbox.read(new LaneId(TOPIC.tag(), lane), address, -1, 1000))
                .entries()
                .stream()
                .map(each -> Json.readObject(each.frame()))
                .map(each -> each.path("response").path("text").asText())
                .toList();
    }

    private void begun() {
        world.start(0);
        world.start(1);
    }

    private long to(int lane, Address.Agent agent, String text, String more) {
        return world.produce(lane, envelope(target(agent, text, more)));
    }

    @Test
    void whatLayInAFormerLane_staysThere_whateverIsReadAgain() {
        begun();
        to(0, MOVED, "a", "");
        grow();
        world.commits.remove(0); // as after an operator's reset: much is read once more
        startAll();
        assertThat(texts(MOVED, 0)).containsExactly("a");
        assertThat(texts(MOVED, 2)).isEmpty();
        assertThat(world.log.get(2)).isEmpty();
    }

    @Test
    void anEmptiedShard_isFilledAsItWas() {
        begun();
        to(0, MOVED, "a", "");
        grow();
        startAll();
        to(2, MOVED, "b", "");
        world.pass(SECOND);
        List.copyOf(world.hosts).forEach(LaneWorld.Host::crash);
        world.inbox.flush();
        startAll();
        assertThat(texts(MOVED, 0)).containsExactly("a");
        assertThat(texts(MOVED, 2)).containsExactly("b");
    }

    @Test
    void aProducerThatHasNotHeardOfIt_writesWhereItDid_andTheLanePassesItOn() {
        begun();
        grow();
        to(0, MOVED, "late", "");
        to(0, STAYED, "here", "");
        startAll();
        assertThat(texts(MOVED, 2)).containsExactly("late");
        assertThat(texts(MOVED, 0)).isEmpty();
        assertThat(texts(STAYED, 0)).containsExactly("here");
        assertThat(world.letters).isEmpty();
    }

    @Test
    void aRepetition_ofWhatLiesInTheFormerLane_isRecognised() {
        begun();
        to(0, MOVED, "a", ",\"id\":\"x\"");
        grow();
        startAll();
        to(2, MOVED, "a", ",\"id\":\"x\"");
        world.pass(SECOND);
        assertThat(texts(MOVED, 0)).containsExactly("a");
        assertThat(texts(MOVED, 2)).isEmpty();
    }

    @Test
    void aDelayedEvent_isKeptWhereItLay_andComesWhereItsAddressIs() {
        begun();
        var due = world.clock.instant().plus(Duration.ofMinutes(5));
        long at = to(0, MOVED, "later", ",\"deliver_at\":\"" + due + "\"");
        grow();
        startAll();
        world.pass(Duration.ofMinutes(6));
        assertThat(texts(MOVED, 2)).containsExactly("later");
        assertThat(texts(MOVED, 0)).isEmpty();
        assertThat(world.letters).isEmpty();
        var copies = world.copies(2);
        assertThat(copies)
                .singleElement()
                .satisfies(each -> assertThat(each.first()).isEqualTo(TOPIC.lane(0).position(at)));
        assertThat(world.copies(0)).as("released once").hasSize(1);
    }

    @Test
    void aListThatIsReadAgain_isLaidOutAsItWas_soThatItsCopiesAreKnown() {
        begun();
        world.produce(1, envelope(target(MOVED, "a", ""), target(STAYED, "b", "")));
        world.settle();
        assertThat(texts(MOVED, 0)).containsExactly("a");
        grow();
        world.commits.remove(1);
        startAll();
        assertThat(texts(MOVED, 0)).containsExactly("a");
        assertThat(texts(MOVED, 2)).isEmpty();
        assertThat(texts(STAYED, 0)).containsExactly("b");
    }

    @Test
    void aCopyThatWasForwardedTooLate_goesOnAsItIs() {
        begun();
        grow();
        var origin =
                new Origin(
                        Origin.Kind.REDELIVERED,
                        "helpdesk",
                        TOPIC.lane(0).position(0),
                        0,
                        "e",
                        world.clock.instant().plus(Duration.ofDays(1)),
                        "r");
        var target =
                new Target(
                        0,
                        new Target.ToAgent(MOVED.uuid()),
                        Json.object().put("text", "again"),
                        null,
                        null,
                        null);
        var old = new Republisher(TOPIC.name(), 2, PROOF);
        world.produce(old.record(origin, URL, target, new RecordHeaders()));
        startAll();
        assertThat(texts(MOVED, 2)).containsExactly("again");
        assertThat(world.copies(2)).containsExactly(origin);
        assertThat(world.letters).isEmpty();
    }

    @Test
    void anAgentThatHadBeenAtARole_missesNothing_aNewOneBeginsWhereOthersAre() {
        var role =
                Stream.iterate(0, each -> each + 1)
                        .map(each -> new Address.Role("helpdesk", "r" + each))
                        .filter(each -> each.partition(2) == 0 && each.partition(4) == 2)
                        .findFirst()
                        .orElseThrow();
        begun();
        attach(role, "ada", 0);
        world.pass(SECOND);
        grow();
        startAll();
        attach(role, "bob", 2);
        assertThat(attach(role, "ada", 2)).isEqualTo(-1);
    }

    private long attach(Address role, String agent, int lane) {
        return LaneWorld.done(
                        world.inbox.attach(
                                new Inbox.Attach(
                                        new LaneId(TOPIC.tag(), lane),
                                        role,
                                        agent,
                                        new io.switchboard.schemas.EdgeRef("e", 1),
                                        1,
                                        null,
                                        10)))
                .from();
    }
}
