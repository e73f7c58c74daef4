package io.switchboard.systemtests.harness;

import io.switchboard.quickstart.EmbeddedKafka;
import io.switchboard.quickstart.EmbeddedRedis;
import io.switchboard.quickstart.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/// Broker and redis-server as child processes, their data in a folder of their own.
///
/// Thread-safe.
public final class ForkedInfra implements Infra {
    private final Path data;
    private final EmbeddedKafka kafka;
    private final EmbeddedRedis redis;

    private ForkedInfra(Path data, EmbeddedKafka kafka, EmbeddedRedis redis) {
        this.data = data;
        this.kafka = kafka;
        this.redis = redis;
    }

    /// @param listeners more ways to the broker
    /// @param logs where `kafka.log` and `redis.log` go; they stay when it is closed
    public static ForkedInfra start(Path logs, EmbeddedKafka.Listener... listeners) {
        return start(logs, List.of(), listeners);
    }

    /// @param brokerFlags for the broker's JVM
    public static ForkedInfra start(
            Path logs, List<String> brokerFlags, EmbeddedKafka.Listener... listeners) {
        try {
            var data = Files.createTempDirectory("switchboard-infra");
            var kafka =
                    EmbeddedKafka.start(
                            FreePorts.next(),
                            data.resolve("kafka"),
                            logs.resolve("kafka.log"),
                            brokerFlags,
                            listeners);
            var redis =
                    EmbeddedRedis.start(
                            FreePorts.next(), data.resolve("redis"), logs.resolve("redis.log"));
            redis.awaitReady();
            kafka.awaitReady();
            return new ForkedInfra(data, kafka, redis);
        } catch (IOException e) {
            throw new UncheckedIOException("no folder for Kafka's and Redis's data", e);
        }
    }

    @Override
    public String kafka() {
        return kafka.bootstrap();
    }

    @Override
    public String redisUrl() {
        return redis.url();
    }

    public int redisPort() {
        return redis.port();
    }

    /// Where redis-server keeps its append-only file.
    public Path redisData() {
        return data.resolve("redis");
    }

    public EmbeddedRedis redis() {
        return redis;
    }

    @Override
    public Broken kafkaServer() {
        return new Broken() {
            @Override
            public void kill() {
                kafka.kill();
            }

            @Override
            public void restart() {
                kafka.restart();
            }

            @Override
            public void freeze() {
                kafka.freeze();
            }

            @Override
            public void thaw() {
                kafka.thaw();
            }
        };
    }

    @Override
    public Broken redisServer() {
        return new Broken() {
            @Override
            public void kill() {
                redis.kill();
            }

            @Override
            public void restart() {
                redis.restart();
            }

            @Override
            public void freeze() {
                redis.freeze();
            }

            @Override
            public void thaw() {
                redis.thaw();
            }
        };
    }

    @Override
    public void flushRedis() {
        redis.flushAll();
    }

    @Override
    public void close() {
        redis.close();
        kafka.close();
        try (var files = Files.walk(data)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(data + " cannot be removed", e);
        }
    }
}
