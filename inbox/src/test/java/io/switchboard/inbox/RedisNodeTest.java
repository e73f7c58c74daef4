package io.switchboard.inbox;

import static io.switchboard.inbox.InboxKit.ADA;
import static io.switchboard.inbox.InboxKit.BOB;
import static io.switchboard.inbox.InboxKit.ROLE;
import static io.switchboard.inbox.InboxKit.event;
import static io.switchboard.inbox.InboxKit.kinds;
import static io.switchboard.inbox.InboxKit.offsets;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.inbox.AppendAnswer.Appended;
import io.switchboard.inbox.AppendAnswer.Behind;
import io.switchboard.inbox.AppendAnswer.Outcome.Kind;
import io.switchboard.schemas.LaneId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What a Redis node does to us, and we to it: each test has its own.
class RedisNodeTest {
    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

    private final RedisProcess redis = RedisProcess.launch();
    private final RedisInbox inbox = RedisInbox.connect(List.of(redis.url()));

    @AfterEach
    void stop() {
        inbox.close();
        redis.close();
    }

    private TestLane lane() {
        return new TestLane(inbox, new LaneId("tagtag", 5));
    }

    private static TestRecord lasting(TestRecord record) {
        return record.expiry(System.currentTimeMillis() + 3_600_000);
    }

    @Test
    void emptiedNode_getsTheLibraryAgain_andIsBehind() {
        var lane = lane().started();
        lane.store(lasting(event(0, ADA)));

        redis.command("FLUSHALL");
        redis.command("FUNCTION", "FLUSH");

        assertThat(lane.append(0, 0, null)).isEqualTo(new Behind(null));
        assertThat(lane.started(0).beat().fence()).isZero();
    }

    @Test
    void killedNode_isAway_andComesBackWithWhatItHad() {
        redis.command("CONFIG", "SET", "appendfsync", "always");
        var lane = lane().started();
        lane.store(lasting(event(0, ADA)), lasting(event(1, ADA)));

        redis.kill();
        assertThatThrownBy(() -> lane.read(ADA, -1))
                .hasRootCauseInstanceOf(Exception.class)
                .cause()
                .hasCauseInstanceOf(InboxAway.class);

        redis.start();
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .ignoreExceptionsMatching(AssertionError.class::isInstance)
                .untilAsserted(() -> assertThat(offsets(lane.read(ADA, -1))).hasSize(2));
        assertThat(lane.store(lasting(event(2, ADA))).fence()).isEqualTo(2);
    }

    @Test
    void nodeThatIsNotThere_isAway() {
        assertThatThrownBy(
                        () ->
                                RedisConnection.connect(
                                        RedisUrls.of(
                                                List.of(
                                                        "redis://127.0.0.1:"
                                                                + RedisProcess.freePort())),
                                        RedisLibrary.load(),
                                        Duration.ZERO))
                .isInstanceOf(InboxAway.class)
                .hasMessageContaining("redis://127.0.0.1:");
    }

    /// Said to whoever comes from another machine, by a Redis without a password.
    @Test
    void protectedMode_isToldInRedissOwnWords_withoutWaiting() throws Exception {
        try (var redis = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> refuse(redis));

            assertThatThrownBy(
                            () ->
                                    RedisInbox.connect(
                                            List.of("redis://127.0.0.1:" + redis.getLocalPort())))
                    .isInstanceOf(InboxAway.class)
                    .hasMessageEndingWith(
                            "it says: DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default user");
        }
    }

    private static void refuse(ServerSocket redis) {
        while (!redis.isClosed()) {
            try (var client = redis.accept()) {
                client.getOutputStream()
                        .write(
                                "-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default user. In this mode connections are only accepted from the loopback interface.\r\n"
                                        .getBytes(StandardCharsets.UTF_8));
            } catch (IOException _) {
                // closed
            }
        }
    }

    @Test
    void redissClock_decidesWhatHasExpired() {
        var lane = lane().started();

        var answer =
                lane.store(
                        event(0, ADA).expiry(System.currentTimeMillis() - 1_000),
                        lasting(event(1, ADA)));

        assertThat(lane.kinds(answer)).isEqualTo(kinds(Kind.GONE, Kind.STORED));
    }

    @Test
    void fullNode_refusesToStore_andCanStillDrain() {
        var lane = lane().started();
        lane.store(lasting(event(0, ADA)), lasting(event(1, ADA)), lasting(event(2, ROLE)));

        redis.command("CONFIG", "SET", "maxmemory", "100kb");

        assertThatThrownBy(() -> lane.store(lasting(event(3, ADA))))
                .hasStackTraceContaining("used memory > 'maxmemory'")
                .cause()
                .hasCauseInstanceOf(InboxAway.class);
        assertThat(lane.attach(ADA).entries()).hasSize(2);
        assertThat(lane.attach(ROLE, "ada", null).entries()).hasSize(1);
        assertThat(lane.standing(ADA).registered()).isTrue();
        assertThat(lane.ack(ADA, 1).acked()).isEqualTo(1);
        lane.sweep();
        assertThat(lane.settle(List.of(lane.position(ADA, 1, 1)), List.of("E none"))).hasSize(1);
        TestLane.await(inbox.detach(lane.id, ADA, TestLane.EDGE, 1));

        redis.command("CONFIG", "SET", "maxmemory", "0");
        assertThat(lane.store(lasting(event(3, ADA))).fence()).isEqualTo(3);
    }

    @Test
    void callThatFailedHalfWay_isFinishedByItsRepetition() {
        var lane = lane().started();
        var key = "sb:{5}:tagtag:i:" + ADA;
        var meta = "-1 %d A 2 e0".formatted(System.currentTimeMillis() + 3_600_000);
        redis.command("XADD", key, "0-1", "e", meta + "frame 0");

        var answer = lane.store(lasting(event(0, ADA)));

        assertThat(lane.kinds(answer)).isEqualTo(kinds(Kind.STORED));
        assertThat(answer.floor()).isZero();
        var feed = lane.attach(ADA);
        assertThat(offsets(feed)).containsExactly(0L);
        assertThat(feed.unread()).isEqualTo(1);
    }

    @Test
    void callThatFailedBeforeTheFence_isARepetition() {
        var lane = lane().started();
        lane.store(lasting(event(0, ADA)));
        redis.command("HSET", "sb:{5}:tagtag:lane", "fence", "-1");

        var answer = (Appended) lane.append(-1, 0, null, lasting(event(0, ADA)));

        assertThat(lane.kinds(answer)).isEqualTo(kinds(Kind.STORED));
        assertThat(answer.outcomes().getFirst().prev()).isEqualTo(-1);
        assertThat(lane.attach(ADA).unread()).isEqualTo(1);
    }

    @Test
    void allKeysOfALane_shareItsSlot_andAreCleanedUpSomeDay() {
        var lane = lane().started();
        lane.store(
                lasting(event(0, ADA)).ids("a").letters("b"),
                event(1, BOB).verdict(new Append.Verdict.Delay(1)),
                lasting(event(2, ROLE)),
                event(3, ADA).expiry(1));
        lane.attach(ROLE, "ada", null);
        lane.ack(ADA, 3);
        lane.sweep();

        assertThat(script("return #redis.call('KEYS', '*')")).isGreaterThan(8);
        assertThat(
                        script(
                                "local n = 0 for _, k in ipairs(redis.call('KEYS', '*')) do "
                                        + "if not string.find(k, '^sb:{5}:tagtag:') then n = n + 1 end end return n"))
                .isZero();
        assertThat(
                        script(
                                "local n = 0 for _, k in ipairs(redis.call('KEYS', '*')) do "
                                        + "if redis.call('TTL', k) < 31 * 86400 then n = n + 1 end end return n"))
                .isZero();
    }

    @Test
    void idleAddress_isForgottenAfterAMonth() {
        var clock = new TestClock();
        var timed = inboxAt(clock);
        var lane = new TestLane(timed, new LaneId("tagtag", 6)).started();
        lane.store(event(0, ADA), event(1, BOB));
        lane.attach(BOB);
        lane.ack(ADA, 0);
        lane.ack(BOB, 1);
        lane.drain();

        for (int day = 0; day < 70; day++) {
            clock.pass(Duration.ofDays(1));
            lane.sweep();
        }

        assertThat(script("return redis.call('HLEN', 'sb:{6}:tagtag:at')")).isEqualTo(1);
        assertThat(script("return redis.call('EXISTS', 'sb:{6}:tagtag:i:%s')".formatted(ADA)))
                .isZero();
        assertThat(lane.standing(BOB).acked()).as("somebody listens").isEqualTo(1);
        assertThat(lane.store(event(2, ADA).expiry(Long.MAX_VALUE)).outcomes().getFirst().prev())
                .isEqualTo(-1);
        assertThat(lane.read(ADA, -1).entries().getFirst().expiry()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void callsAtOnce_haveEachTheirOwnAnswer_thoughOneOfThemFails() {
        redis.command("SET", "sb:{6}:tagtag:lane", "no hash");

        var asked =
                IntStream.range(0, 100)
                        .mapToObj(i -> inbox.lane(new LaneId("tagtag", i)).toCompletableFuture())
                        .toList();

        for (int i = 0; i < 100; i++) {
            var one = asked.get(i);
            if (i == 6) {
                assertThat(one)
                        .failsWithin(TEN_SECONDS)
                        .withThrowableThat()
                        .withStackTraceContaining("WRONGTYPE");
            } else {
                assertThat(one).succeedsWithin(TEN_SECONDS);
            }
        }
    }

    @Test
    void callsAfterClosing_fail() {
        inbox.close();

        for (int i = 0; i < 3; i++) {
            assertThat(inbox.lane(new LaneId("tagtag", i)))
                    .failsWithin(TEN_SECONDS)
                    .withThrowableOfType(ExecutionException.class);
        }
    }

    private RedisInbox inboxAt(TestClock clock) {
        return new RedisInbox(redis.connection(), () -> Long.toString(clock.millis()));
    }

    private long script(String text) {
        return Long.parseLong(redis.command("EVAL", text, "0").substring(1));
    }

    @Test
    void facts_sayWhatIsWrong() {
        assertThat(inbox.facts()).isEqualTo(new RedisFacts("7.0.15", List.of(), List.of()));

        redis.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
        redis.command("CONFIG", "SET", "stream-node-max-bytes", "4096");

        assertThat(inbox.facts().fit()).isFalse();
        assertThat(inbox.facts().problems().getFirst()).startsWith("maxmemory-policy: allkeys-lru");
        assertThat(inbox.facts().warnings().getFirst()).startsWith("stream-node-max-bytes: 4096");
    }

    @Test
    void passwordInTheUrl_isUsed_andNotShown() {
        redis.command("ACL", "SETUSER", "eve", "on", ">s3cret", "~*", "+@all");
        redis.command("CONFIG", "SET", "requirepass", "an0ther");
        var host = "127.0.0.1:" + redis.port();

        for (var login : List.of("eve:s3cret", ":an0ther")) {
            try (var known = RedisInbox.connect(List.of("redis://" + login + "@" + host))) {
                assertThat(TestLane.await(known.lane(new LaneId("tagtag", 1))).fence()).isNull();
            }
        }
        assertThatThrownBy(() -> RedisInbox.connect(List.of("redis://eve:wr0ng@" + host)))
                .isInstanceOf(InboxAway.class)
                .hasMessage(
                        "Redis at redis://%s: it says: WRONGPASS invalid username-password pair or user is disabled"
                                .formatted(host));
        assertThatThrownBy(() -> RedisInbox.connect(List.of("redys://eve:wr0ng@" + host)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "redis: '%s' (expected: redis[s]://[user:password@]host:port)"
                                .formatted(host));
    }
}
