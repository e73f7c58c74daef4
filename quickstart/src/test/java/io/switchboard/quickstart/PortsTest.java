package io.switchboard.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.runtime.Failure;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class PortsTest {
    @Test
    void theyAreCountedFromTheBase() {
        assertThat(Ports.from(9080, 2, 1))
                .isEqualTo(
                        new Ports(
                                new Ports.Pair(9080, 9180),
                                List.of(new Ports.Pair(9081, 9181), new Ports.Pair(9082, 9182)),
                                List.of(9190),
                                9092,
                                9093));
    }

    @Test
    void evenTheMostEdgesMeetNobodyElsesPort() {
        var ports = Ports.from(9080, Ports.MOST_EDGES, 8);
        var all = new HashSet<>(ports.adminPorts());
        all.add(ports.frontDoor().port());
        ports.edges().forEach(each -> all.add(each.port()));
        all.add(ports.kafka());
        all.add(ports.redis());

        assertThat(all).hasSize((1 + Ports.MOST_EDGES) * 2 + 8 + 2);
    }

    @Test
    void aPortThatIsTakenIsNamed_unlessItIsNotNeeded() throws Exception {
        var ports = Ports.free(1, 1);
        try (var _ = new ServerSocket(ports.kafka(), 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> ports.requireFree(true, true))
                    .isInstanceOf(Failure.class)
                    .hasMessageContaining(ports.kafka() + ", for Kafka, is taken");
            assertThatCode(() -> ports.requireFree(false, true)).doesNotThrowAnyException();
        }
    }
}
