package io.switchboard.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedInfraTest {
    @TempDir Path folder;

    @Test
    void redisKeepsItsDataAcrossKill_andLosesItByFlushAll() {
        try (var redis =
                EmbeddedRedis.start(FreePorts.next(), folder, folder.resolve("redis.log"))) {
            redis.awaitReady();
            redis.command("CONFIG SET appendfsync always");
            redis.command("SET greeting hello");

            redis.kill();
            redis.restart();

            assertThat(redis.command("EXISTS greeting")).isEqualTo(":1");
            redis.flushAll();
            assertThat(redis.command("EXISTS greeting")).isEqualTo(":0");
        }
    }

    @Test
    void kafkaKeepsItsTopicsAcrossKill() throws Exception {
        try (var kafka =
                EmbeddedKafka.start(FreePorts.next(), folder, folder.resolve("kafka.log"))) {
            kafka.awaitReady();
            try (var admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrap()))) {
                admin.createTopics(List.of(new NewTopic("kept", 3, (short) 1)))
                        .all()
                        .get(30, TimeUnit.SECONDS);

                kafka.kill();
                kafka.restart();

                assertThat(admin.listTopics().names().get(30, TimeUnit.SECONDS)).contains("kept");
            }
        }
    }

    @Test
    void whoComesByAnotherListener_isToldItsAdvertisedPort() throws Exception {
        int port = FreePorts.next();
        int main = FreePorts.next();
        try (var kafka =
                EmbeddedKafka.start(
                        main,
                        folder,
                        folder.resolve("kafka.log"),
                        new EmbeddedKafka.Listener(port, main))) {
            kafka.awaitReady();
            try (var admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + port))) {
                assertThat(admin.describeCluster().nodes().get(30, TimeUnit.SECONDS))
                        .allSatisfy(node -> assertThat(node.port()).isEqualTo(main));
            }
        }
    }
}
