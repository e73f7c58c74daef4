package io.switchboard.edge.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.edge.delivery.EdgeMeters;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class BudgetTest {
    private final Budget budget = budget(2, 0);

    @Test
    void soManyConnections_andNoMore_untilOneGoes() {
        assertThat(budget.tryConnect(address(1))).isTrue();
        assertThat(budget.tryConnect(address(1))).isTrue();
        assertThat(budget.tryConnect(address(1))).isFalse();
        budget.onDisconnected(address(1));
        assertThat(budget.tryConnect(address(1))).isTrue();
    }

    @Test
    void aConnectionIsFull_atItsBound() {
        assertThat(budget.allows(Budget.HIGH_BYTES - 1)).isTrue();
        assertThat(budget.allows(Budget.HIGH_BYTES)).isFalse();
    }

    @Test
    void whenTheProcessIsFull_eachConnectionHasOneFrameUnderWay() {
        budget.add(100_000);
        assertThat(budget.allows(1)).isFalse();
        assertThat(budget.allows(0)).isTrue();
        budget.add(-1);
        assertThat(budget.allows(1)).isTrue();
    }

    @Test
    void soManyConnectionsOfOneAddress_andItsNeighboursAreNotItsFault() throws Exception {
        var perAddress = budget(100, 1);
        assertThat(perAddress.tryConnect(address(1))).isTrue();
        assertThat(perAddress.tryConnect(address(1))).isFalse();
        assertThat(perAddress.tryConnect(address(2))).isTrue();
        perAddress.onDisconnected(address(1));
        assertThat(perAddress.tryConnect(address(1))).isTrue();
        assertThat(perAddress.connections()).isEqualTo(2);

        assertThat(perAddress.tryConnect(InetAddress.getByName("2001:db8::1"))).isTrue();
        assertThat(perAddress.tryConnect(InetAddress.getByName("2001:db8::2"))).isFalse();
        assertThat(perAddress.tryConnect(InetAddress.getByName("2001:db8:0:1::1"))).isTrue();
    }

    @Test
    void soManyHandshakesASecond() {
        for (int i = 0; i < 6; i++) {
            assertThat(budget.tryHandshake(0)).isTrue();
        }
        assertThat(budget.tryHandshake(0)).isFalse();
        assertThat(budget.tryHandshake(1_000)).isTrue();
    }

    /// An hour that was owed would close whoever speaks.
    @Test
    void aClockThatIsSetBack_takesNothingAway() {
        var bucket = new TokenBucket(1, 3_600_000);
        assertThat(bucket.take(0)).isTrue();
        assertThat(bucket.take(0)).isTrue();
        assertThat(bucket.take(1_000)).isTrue();
    }

    private static Budget budget(int connections, int perAddress) {
        return new Budget(
                new SocketSettings(
                        1,
                        connections,
                        perAddress,
                        3,
                        100_000,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(1),
                        1,
                        1),
                EdgeMeters.NONE,
                0);
    }

    private static InetAddress address(int last) {
        try {
            return InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) last});
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aBucket_givesTwiceItsRateAtOnce_andThenItsRate() {
        var bucket = new TokenBucket(10, 0);
        for (int i = 0; i < 20; i++) {
            assertThat(bucket.take(0)).isTrue();
        }
        assertThat(bucket.take(0)).isFalse();
        assertThat(bucket.take(99)).isFalse();
        assertThat(bucket.take(100)).isTrue();
        assertThat(bucket.take(100)).isFalse();
    }
}
