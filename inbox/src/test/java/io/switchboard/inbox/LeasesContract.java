package io.switchboard.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.inbox.Leases.Lease;
import io.switchboard.schemas.EdgeRef;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// Who lives.
interface LeasesContract {
    Duration TTL = Duration.ofSeconds(5);
    EdgeNotice HERE = EdgeNotice.at("ws://here");

    Leases leases();

    TestClock clock();

    void loseLeases();

    @Test
    default void incarnations_onlyGrow_evenOverALoss() {
        long first = TestLane.await(leases().nextIncarnation("edge-1"));
        long second = TestLane.await(leases().nextIncarnation("edge-1"));
        assertThat(second).isGreaterThan(first);

        clock().pass(Duration.ofSeconds(1));
        loseLeases();

        assertThat(TestLane.await(leases().nextIncarnation("edge-1"))).isGreaterThan(second);
    }

    @Test
    default void lease_livesWhileItIsRefreshed() {
        var edge = new EdgeRef("edge-2", 1);
        assertThat(TestLane.await(leases().take(edge, HERE, TTL))).isTrue();

        clock().pass(Duration.ofSeconds(4));
        assertThat(TestLane.await(leases().refresh(edge, HERE, TTL))).isTrue();
        clock().pass(Duration.ofSeconds(4));
        assertThat(TestLane.await(leases().all())).containsExactly(new Lease(edge, HERE));

        clock().pass(Duration.ofSeconds(1));
        assertThat(TestLane.await(leases().all())).isEmpty();
        assertThat(TestLane.await(leases().refresh(edge, HERE, TTL))).isFalse();
    }

    @Test
    default void eachRefresh_saysAnewHowTheEdgeIs() {
        var edge = new EdgeRef("edge-5", 1);
        TestLane.await(leases().take(edge, HERE, TTL));
        var now = new EdgeNotice("ws://h:1/ws", "http://h:2", 7, true, 8);

        assertThat(TestLane.await(leases().refresh(edge, now, TTL))).isTrue();

        assertThat(TestLane.await(leases().all())).containsExactly(new Lease(edge, now));
    }

    @Test
    default void newerIncarnation_takesTheLease_andTheOlderLearnsIt() {
        var older = new EdgeRef("edge-3", 1);
        var newer = new EdgeRef("edge-3", 2);
        TestLane.await(leases().take(older, EdgeNotice.at("ws://old"), TTL));

        assertThat(TestLane.await(leases().take(newer, EdgeNotice.at("ws://new"), TTL))).isTrue();

        assertThat(TestLane.await(leases().refresh(older, HERE, TTL))).isFalse();
        assertThat(TestLane.await(leases().take(older, EdgeNotice.at("ws://old"), TTL))).isFalse();
        TestLane.await(leases().release(older));
        assertThat(TestLane.await(leases().all()))
                .containsExactly(new Lease(newer, EdgeNotice.at("ws://new")));
        TestLane.await(leases().release(newer));
        assertThat(TestLane.await(leases().all())).isEmpty();
    }

    @Test
    default void lostLease_isNoticed() {
        var edge = new EdgeRef("edge-4", 1);
        TestLane.await(leases().take(edge, HERE, TTL));

        loseLeases();

        assertThat(TestLane.await(leases().refresh(edge, HERE, TTL))).isFalse();
    }

    @Test
    default void laneCount_isStoredOncePerTopic() {
        assertThat(TestLane.await(leases().laneCount("aaaaaa", 8))).isEqualTo(8);
        assertThat(TestLane.await(leases().laneCount("aaaaaa", 16))).isEqualTo(8);
        assertThat(TestLane.await(leases().laneCount("bbbbbb", 16))).isEqualTo(16);
    }

    @Test
    default void oneTidiesAtATime() {
        assertThat(TestLane.await(leases().janitor("a", TTL))).isTrue();
        assertThat(TestLane.await(leases().janitor("b", TTL))).isFalse();
        assertThat(TestLane.await(leases().janitor("a", TTL))).isTrue();

        clock().pass(TTL);

        assertThat(TestLane.await(leases().janitor("b", TTL))).isTrue();
    }
}
