package io.switchboard.inbox;

import static io.switchboard.inbox.InboxKit.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.schemas.Address;
import io.switchboard.schemas.LaneId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class RedisInspectionTest {
    private static RedisProcess redis;
    private static RedisConnection connection;

    private final TestClock clock = new TestClock();
    private final RedisInbox inbox =
            new RedisInbox(connection, () -> Long.toString(clock.millis()));
    private final TestLane lane =
            new TestLane(inbox, new LaneId("i" + RandomGenerator.getDefault().nextInt(1 << 30), 3));

    @BeforeAll
    static void start() {
        redis = RedisProcess.launch();
        connection = redis.connection();
    }

    @AfterAll
    static void stop() {
        connection.close();
        redis.close();
    }

    private InboxInspection.LaneView look() {
        return TestLane.await(inbox.inspection().lane(lane.id));
    }

    private InboxInspection.AddressView look(Address address) {
        return TestLane.await(inbox.inspection().address(lane.id, address));
    }

    @Test
    void emptyShard_hasNoFence_andTellsTheTime() {
        assertThat(look().fence()).isNull();
        assertThat(look().now()).isEqualTo(Instant.ofEpochMilli(clock.millis()));
    }

    @Test
    void laneIsSeenAsItStands() {
        lane.started();
        lane.store(event(0, InboxKit.ADA), event(1, InboxKit.ADA), event(2, InboxKit.BOB));
        lane.ack(InboxKit.ADA, 1);

        assertThat(look().fence()).isEqualTo(2);
        assertThat(look().floor()).isLessThanOrEqualTo(2);
        assertThat(look().addresses()).isEqualTo(2);
        assertThat(look().open()).isGreaterThanOrEqualTo(1);
        assertThat(look().outbox()).isPositive();
    }

    @Test
    void addressIsSeenWithItsEdges_andItsOldestUnread() {
        lane.started();
        var frame = "{\"event\":\"E\",\"sent\":1700000000123,\"response\":{\"sent\":1}}";
        lane.store(
                event(0, InboxKit.ADA),
                event(1, InboxKit.ADA).frame(frame),
                event(2, InboxKit.ADA));
        lane.attach(InboxKit.ADA);
        lane.ack(InboxKit.ADA, 0);

        var ada = look(InboxKit.ADA);

        assertThat(ada.known()).isTrue();
        assertThat(ada.edges()).containsExactly(TestLane.EDGE);
        assertThat(ada.acked()).isZero();
        assertThat(ada.top()).isEqualTo(2);
        assertThat(ada.unread()).isEqualTo(2);
        assertThat(ada.oldest()).isNotNull();
        assertThat(ada.oldest().offset()).isEqualTo(1);
        assertThat(ada.oldest().eventId()).isEqualTo("e1");
        assertThat(ada.oldest().sent()).isEqualTo(Instant.ofEpochMilli(1_700_000_000_123L));
        assertThat(look(InboxKit.BOB).known()).isFalse();
        assertThat(look(InboxKit.BOB).oldest()).isNull();
    }

    @Test
    void whatHasExpired_isNotUnread() {
        lane.started();
        lane.store(event(0, InboxKit.ADA));
        clock.pass(java.time.Duration.ofDays(40));

        assertThat(look(InboxKit.ADA).unread()).isZero();
        assertThat(look(InboxKit.ADA).oldest()).isNull();
    }

    @Test
    void everyAddressIsSeen_pageByPage() {
        lane.started();
        var expected = new HashSet<Address>();
        for (int i = 0; i < 1_000; i++) {
            var address = new Address.Agent("desk", "agent-" + i);
            expected.add(address);
            lane.store(event(i, address));
        }

        var seen = new ArrayList<Address>();
        var cursor = InboxInspection.Page.START;
        int pages = 0;
        do {
            var page = TestLane.await(inbox.inspection().addresses(lane.id, cursor));
            page.addresses().forEach(each -> seen.add(each.address()));
            cursor = page.cursor();
            pages++;
        } while (!cursor.equals(InboxInspection.Page.START));

        assertThat(new HashSet<>(seen)).isEqualTo(expected);
        assertThat(pages).isGreaterThan(5);
    }
}
