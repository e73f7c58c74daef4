package io.switchboard.inbox;

import io.switchboard.schemas.LaneId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class RedisInboxTest implements InboxContract {
    private static RedisProcess redis;
    private static RedisConnection connection;

    private final TestClock clock = new TestClock();
    private final RedisInbox inbox =
            new RedisInbox(connection, () -> Long.toString(clock.millis()));

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

    @Override
    public RedisInbox inbox() {
        return inbox;
    }

    @Override
    public TestClock clock() {
        return clock;
    }

    @Override
    public void lose(LaneId lane) {
        redis.command(
                "EVAL",
                "for _, k in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('DEL', k) end",
                "0",
                "sb:{%d}:%s:*".formatted(lane.partition(), lane.tag()));
    }
}
