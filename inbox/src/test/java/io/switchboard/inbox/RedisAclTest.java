package io.switchboard.inbox;

import static io.switchboard.inbox.InboxKit.ADA;
import static io.switchboard.inbox.InboxKit.event;
import static io.switchboard.inbox.TestLane.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.schemas.LaneId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `deploy/redis/switchboard.acl` on a real Redis: each role may do its work, and nothing else.
class RedisAclTest {
    private static final Path FILE =
            Path.of("..", "deploy", "redis", "switchboard.acl").toAbsolutePath().normalize();
    private static final LaneId LANE = new LaneId("tagtag", 5);
    private static final Duration TTL = Duration.ofSeconds(5);

    private static RedisProcess redis;

    @BeforeAll
    static void start() {
        redis = RedisProcess.launch("--aclfile", FILE.toString());
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    private static RedisInbox as(String user) {
        return RedisInbox.connect(
                List.of(
                        "redis://%s:change-me-%s@127.0.0.1:%d"
                                .formatted(user, user, redis.port())));
    }

    @Test
    void eachRole_mayDoItsWork() {
        try (var dispatcher = as("dispatcher");
                var edge = as("edge");
                var operator = as("operator");
                var producer = as("producer")) {
            var lane = new TestLane(dispatcher, LANE).started();
            lane.store(
                    event(0, ADA).expiry(System.currentTimeMillis() + 3_600_000),
                    event(1, ADA).expiry(1));
            var leases = dispatcher.leases();
            assertThat(await(leases.laneCount("tagtag", 8))).isEqualTo(8);
            assertThat(await(leases.janitor("dispatcher-1", TTL))).isTrue();
            assertThat(dispatcher.facts().fit()).isTrue();

            var browsers = new TestLane(edge, LANE);
            assertThat(browsers.attach(ADA).entries()).hasSize(1);
            assertThat(browsers.read(ADA, -1).entries()).hasSize(1);
            assertThat(browsers.standing(ADA).registered()).isTrue();
            assertThat(browsers.ack(ADA, 0).acked()).isZero();
            await(edge.detach(LANE, ADA, TestLane.EDGE, 1));
            assertThat(await(edge.leases().nextIncarnation("edge-9"))).isPositive();
            await(edge.leases().release(TestLane.EDGE));

            lane.sweep();
            assertThat(lane.drain()).isNotNull();

            for (var reader : List.of(operator, producer)) {
                await(reader.inspection().lane(LANE));
                await(reader.inspection().address(LANE, ADA));
                await(reader.inspection().addresses(LANE, "0"));
                await(reader.leases().all());
            }
            assertThat(operator.facts().fit()).isTrue();
        }
    }

    @Test
    void whoOnlyLooks_cannotWrite_evenByAFunction() {
        try (var dispatcher = as("dispatcher");
                var operator = as("operator")) {
            var lane = new TestLane(dispatcher, new LaneId("tagtag", 6)).started();
            assertThatThrownBy(() -> await(operator.leases().nextIncarnation("edge-1")))
                    .hasStackTraceContaining("executing the script can't run this command");
            assertThatThrownBy(() -> new TestLane(operator, lane.id).sweep())
                    .hasStackTraceContaining("executing the script can't run this command");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"dispatcher", "edge", "producer", "operator"})
    void nobody_mayDoWhatIsNotTheirs(String user) {
        redis.commandAs("admin", "change-me-admin", "SET", "other:key", "theirs");
        for (var each :
                List.of(
                        "FLUSHALL",
                        "CONFIG SET maxmemory 1",
                        "GET other:key",
                        "HGET other:key x",
                        "HSET other:key x y",
                        "DEL other:key",
                        "KEYS *",
                        "SCAN 0",
                        "EVAL return(1) 0",
                        "FUNCTION FLUSH",
                        "ACL LIST",
                        "SHUTDOWN NOSAVE",
                        "MONITOR",
                        "REPLICAOF NO ONE",
                        "CLIENT KILL TYPE normal",
                        "SUBSCRIBE x")) {
            assertThat(redis.commandAs(user, "change-me-" + user, each.split(" ")))
                    .as("%s: %s", user, each)
                    .startsWith("-NOPERM");
        }
        assertThat(redis.commandAs(user, "guessed", "PING")).startsWith("-NOAUTH");
    }

    @ParameterizedTest
    @ValueSource(strings = {"edge", "producer", "operator"})
    void onlyADispatcher_bringsCode(String user) {
        var code = "#!lua name=evil\nredis.register_function('evil', function() end)";
        assertThat(redis.commandAs(user, "change-me-" + user, "FUNCTION", "LOAD", "REPLACE", code))
                .startsWith("-NOPERM");
    }

    /// As in an upgrade that begins with edge nodes, whose release Redis does not know yet.
    @Test
    void edgeWhoseFunctionsNobodyBrought_saysWhatItWaitsFor_andGoesOnWhenADispatcherComes() {
        var newer = another();
        try (var edge = as("edge", newer);
                var dispatcher = as("dispatcher", newer)) {
            for (int attempt = 0; attempt < 2; attempt++) {
                assertThatThrownBy(() -> await(edge.leases().nextIncarnation("edge-1")))
                        .hasStackTraceContaining(newer.name())
                        .hasStackTraceContaining("expected: a dispatcher of this release");
            }

            await(dispatcher.leases().laneCount("tagtag", 8));

            assertThat(await(edge.leases().nextIncarnation("edge-1"))).isPositive();
        }
    }

    /// The same functions under the name of another text.
    private static RedisLibrary another() {
        var ours = RedisLibrary.load();
        var name = RedisLibrary.of("another release").name();
        return new RedisLibrary(name, ours.code().replace(ours.name(), name));
    }

    private static RedisInbox as(String user, RedisLibrary library) {
        var url = "redis://%s:change-me-%s@127.0.0.1:%d".formatted(user, user, redis.port());
        return new RedisInbox(
                RedisConnection.connect(
                        RedisUrls.of(List.of(url)), library, Duration.ofSeconds(10)),
                () -> "");
    }

    @Test
    void aStranger_isNobody() {
        assertThat(redis.command("GET", "sb:{5}:tagtag:lane")).startsWith("-NOAUTH");
    }
}
