package io.switchboard.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

final class KafkaFlagsTest {
    @TempDir Path folder;

    @Command(name = "x")
    static final class Flags implements Callable<Integer> {
        @Mixin KafkaFlags kafka;
        @Mixin RedisFlags redis;
        @Mixin AdminFlags admin;
        @Mixin AppsFlags apps;
        @Mixin LogFlags log;
        @Mixin ClusterKeyFlags key;

        @Override
        public Integer call() {
            return 0;
        }
    }

    @Test
    void everySetting_isOneThatKafkaKnows() {
        var flags = parse();
        var producer = new ProducerConfig(flags.kafka.producer("p"));
        var consumer = new ConsumerConfig(flags.kafka.consumer("c"));

        assertThat(producer.unused()).isSubsetOf(producer.originals().keySet());
        assertThat(producer.getString(ProducerConfig.ACKS_CONFIG)).isEqualTo("-1");
        assertThat(producer.getBoolean(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG)).isTrue();
        assertThat(consumer.getString(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG)).isEqualTo("none");
        assertThat(flags.redis.urls()).containsExactly("redis://127.0.0.1:6379");
    }

    @Test
    void kafkaConfig_winsOverOurDefaults() throws Exception {
        var file = folder.resolve("client.properties");
        Files.writeString(file, "linger.ms=7\nsecurity.protocol=SASL_SSL\n");

        var settings = parse("--kafka-config", file.toString(), "--kafka", "a:1,b:2");

        assertThat(settings.kafka.producer("p"))
                .containsEntry("linger.ms", "7")
                .containsEntry("security.protocol", "SASL_SSL")
                .containsEntry("bootstrap.servers", "a:1,b:2")
                .containsEntry("acks", "all");
    }

    @Test
    void kafkaConfigThatIsMissing_isNamed() {
        var flags = parse("--kafka-config", "/not/there");

        assertThatThrownBy(() -> flags.kafka.admin("a"))
                .isInstanceOf(Unusable.class)
                .hasMessageContaining("--kafka-config: '/not/there' cannot be read");
    }

    @Test
    void redisUrlOfAnotherKind_isNamed_withoutItsPassword() {
        var flags = parse("--redis", "http://u:hush@h:1");

        assertThatThrownBy(flags.redis::urls)
                .isInstanceOf(Unusable.class)
                .hasMessageContaining("--redis: 'http://…@h:1'")
                .hasMessageNotContaining("hush");
    }

    private static Flags parse(String... args) {
        var flags = new Flags();
        assertThat(Cli.run(flags, Map.of(), args)).isZero();
        return flags;
    }
}
