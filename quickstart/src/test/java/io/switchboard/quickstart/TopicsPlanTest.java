package io.switchboard.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.operator.TopicsPlan;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopicsPlanTest {
    @TempDir Path folder;

    @Test
    void topicsAreCreatedOnce_andWhatDiffersLaterIsSaid() {
        try (var kafka =
                        EmbeddedKafka.start(FreePorts.next(), folder, folder.resolve("kafka.log"));
                var admin =
                        Admin.create(Map.of("bootstrap.servers", kafka.awaitReady().bootstrap()))) {
            var plan = new TopicsPlan("events", 3, Optional.empty());

            assertThat(plan.apply(notYet(admin))).allMatch(TopicsPlan.Outcome::created);

            assertThat(plan.apply(admin))
                    .noneMatch(TopicsPlan.Outcome::created)
                    .allMatch(each -> each.differences().isEmpty());
            assertThat(new TopicsPlan("events", 4, Optional.empty()).apply(admin).getFirst())
                    .isEqualTo(
                            new TopicsPlan.Outcome(
                                    "events", 3, false, List.of("partitions: 3 (expected: 4)")));
            assertThat(
                            new TopicsPlan("events", 3, Optional.empty(), Duration.ofDays(33))
                                    .apply(admin)
                                    .getFirst()
                                    .differences())
                    .containsExactly("retention.ms: 604800000 (expected: 2851200000)");
        }
    }

    /// The first broker that is asked has not heard of the new topics.
    private static Admin notYet(Admin admin) {
        var asked = new AtomicBoolean();
        return (Admin)
                Proxy.newProxyInstance(
                        Admin.class.getClassLoader(),
                        new Class<?>[] {Admin.class},
                        (_, method, arguments) ->
                                method.getName().equals("describeTopics") && !asked.getAndSet(true)
                                        ? admin.describeTopics(List.of("nowhere"))
                                        : method.invoke(admin, arguments));
    }
}
