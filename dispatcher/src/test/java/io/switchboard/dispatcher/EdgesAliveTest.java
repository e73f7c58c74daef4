package io.switchboard.dispatcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.inbox.EdgeNotice;
import io.switchboard.inbox.InMemoryLeases;
import io.switchboard.schemas.EdgeRef;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class EdgesAliveTest {
    private static final EdgeRef OLD = new EdgeRef("edge-1", 1);
    private static final EdgeRef NEW = new EdgeRef("edge-1", 2);
    private static final Duration TTL = Duration.ofSeconds(3);

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final InstantSource clock = () -> now;
    private final InMemoryLeases leases = new InMemoryLeases(clock);
    private final ArrayList<EdgeRef> met = new ArrayList<>();
    private final EdgesAlive edges = new EdgesAlive(leases, Runnable::run, clock, met::add);

    @Test
    void edgeWithALease_lives_andIsMetOnce() {
        leases.take(OLD, EdgeNotice.NONE, TTL);

        pass(Duration.ofSeconds(2));

        assertThat(edges.lives(OLD)).isTrue();
        assertThat(met).containsExactly(OLD);
    }

    @Test
    void edgeWhoseLeaseHasGone_isDead_afterAGrace() {
        leases.take(OLD, EdgeNotice.NONE, TTL);
        pass(Duration.ofSeconds(1));

        pass(TTL.plusSeconds(1));
        assertThat(edges.lives(OLD)).isTrue();
        pass(EdgesAlive.GRACE.plusSeconds(2));

        assertThat(edges.lives(OLD)).isFalse();
    }

    @Test
    void smallerIncarnation_isDeadAtOnce() {
        leases.take(OLD, EdgeNotice.NONE, TTL);
        pass(Duration.ofSeconds(1));

        leases.take(NEW, EdgeNotice.NONE, TTL);
        pass(Duration.ofSeconds(2));

        assertThat(edges.lives(OLD)).isFalse();
        assertThat(edges.lives(NEW)).isTrue();
    }

    @Test
    void edgeThatAnInboxNames_beforeItsLeaseWasRead_lives() {
        pass(Duration.ofSeconds(2));

        assertThat(edges.lives(NEW)).isTrue();
        pass(EdgesAlive.GRACE.plusSeconds(2));
        assertThat(edges.lives(NEW)).isFalse();
    }

    @Test
    void whileNobodyCanReadLeases_nobodyIsDead() {
        leases.take(OLD, EdgeNotice.NONE, TTL);
        pass(Duration.ofSeconds(1));

        now = now.plus(EdgesAlive.GRACE.multipliedBy(3));

        assertThat(edges.lives(OLD)).isTrue();
    }

    private void pass(Duration time) {
        var end = now.plus(time);
        while (now.isBefore(end)) {
            now = now.plusMillis(500);
            edges.tick();
        }
    }
}
