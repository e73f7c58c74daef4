package io.switchboard.inbox;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

class RedisLeasesTest implements LeasesContract {
    private static RedisProcess redis;
    private static RedisConnection connection;

    private final TestClock clock = new TestClock();
    private final Leases leases = new RedisLeases(connection, () -> Long.toString(clock.millis()));

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

    @BeforeEach
    void empty() {
        loseLeases();
    }

    @Override
    public Leases leases() {
        return leases;
    }

    @Override
    public TestClock clock() {
        return clock;
    }

    @Override
    public void loseLeases() {
        redis.command("FLUSHALL");
    }
}
