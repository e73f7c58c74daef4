package io.switchboard.inbox;

import static io.switchboard.inbox.InboxKit.ADA;
import static io.switchboard.inbox.InboxKit.event;
import static io.switchboard.inbox.InboxKit.offsets;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.schemas.EdgeRef;
import io.switchboard.schemas.LaneId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Lanes spread over the masters of a cluster, each with the library.
class RedisClusterTest {
    private final List<RedisProcess> nodes = new ArrayList<>();

    @BeforeEach
    void form() {
        for (var slots : List.of("0 8191", "8192 16383")) {
            var node =
                    RedisProcess.launch(
                            "--cluster-enabled",
                            "yes",
                            "--cluster-port",
                            "" + RedisProcess.freePort());
            nodes.add(node);
            node.command(("CLUSTER ADDSLOTSRANGE " + slots).split(" "));
        }
        var first = nodes.getFirst();
        nodes.getLast()
                .command(
                        "CLUSTER",
                        "MEET",
                        "127.0.0.1",
                        "" + first.port(),
                        "" + first.clusterPort());
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> nodes.stream().allMatch(RedisClusterTest::isWhole));
    }

    private static boolean isWhole(RedisProcess node) {
        return !node.command("GET", "a").startsWith("-CLUSTERDOWN")
                && !node.command("GET", "b").startsWith("-CLUSTERDOWN");
    }

    @AfterEach
    void stop() {
        nodes.forEach(RedisProcess::close);
    }

    @Test
    void lanesOnEveryMaster_work_andGetTheLibraryBack() {
        try (var inbox = RedisInbox.connect(nodes.stream().map(RedisProcess::url).toList())) {
            var lanes = new ArrayList<TestLane>();
            for (int partition = 0; partition < 8; partition++) {
                lanes.add(new TestLane(inbox, new LaneId("tagtag", partition)).started());
            }
            nodes.forEach(each -> each.command("FUNCTION", "FLUSH"));

            for (var lane : lanes) {
                lane.store(event(0, ADA));
                assertThat(offsets(lane.attach(ADA))).containsExactly(0L);
            }

            var edge = new EdgeRef("edge-1", 1);
            assertThat(
                            TestLane.await(
                                    inbox.leases()
                                            .take(
                                                    edge,
                                                    EdgeNotice.at("ws://"),
                                                    Duration.ofMinutes(1))))
                    .isTrue();
            assertThat(TestLane.await(inbox.leases().all())).hasSize(1);
            assertThat(inbox.facts().problems()).isEmpty();
            assertThat(nodes).allMatch(each -> each.command("DBSIZE").compareTo(":0") > 0);
        }
    }
}
