package io.switchboard.operator;

import io.switchboard.runtime.Cli;
import io.switchboard.runtime.KafkaFlags;
import io.switchboard.runtime.Unusable;
import io.switchboard.schemas.Json;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The topics of a Kafka.
@Command(
        name = "topics",
        mixinStandardHelpOptions = true,
        description = "Prepares the topics of a Kafka.",
        subcommands = TopicsCommand.Create.class)
final class TopicsCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        throw new Unusable("no command (expected: create)");
    }

    /// Creates what is missing, and compares what is there.
    @Command(
            name = "create",
            mixinStandardHelpOptions = true,
            description =
                    "Creates the topics that are missing and says what differs in those that exist. Exit code 1 when something differs. May be repeated.")
    static final class Create implements Callable<Integer> {
        private static final int LANES = 64;

        @Mixin private KafkaFlags kafka = new KafkaFlags();

        @Option(
                names = "--lanes",
                paramLabel = "N",
                defaultValue = "" + LANES,
                description =
                        "Partitions of the events topic; `migrate partitions` is the way to more (${DEFAULT-VALUE}).")
        private int lanes = LANES;

        @Option(
                names = "--replication",
                paramLabel = "N",
                description = "Replicas of each partition; the broker's default otherwise.")
        private @Nullable Short replication;

        @Option(
                names = "--retention-days",
                paramLabel = "N",
                defaultValue = "" + TopicsPlan.DAYS_KEPT,
                description =
                        "How long events and receipts stay: the longest ttl and two days, or more (${DEFAULT-VALUE}).")
        private int retentionDays = TopicsPlan.DAYS_KEPT;

        @Option(names = "--json", description = "One JSON object a topic.")
        private boolean json;

        @Override
        public Integer call() {
            try (var admin = Admin.create(kafka.admin("topics"))) {
                var outcomes = plan().apply(admin);
                outcomes.forEach(each -> System.out.println(json ? json(each) : text(each)));
                return outcomes.stream().allMatch(each -> each.differences().isEmpty())
                        ? Cli.DONE
                        : Cli.FAILED;
            }
        }

        private TopicsPlan plan() {
            try {
                return new TopicsPlan(
                        kafka.eventsTopic(),
                        lanes,
                        Optional.ofNullable(replication),
                        Duration.ofDays(retentionDays));
            } catch (IllegalArgumentException e) {
                throw new Unusable("--" + e.getMessage());
            }
        }

        private static String text(TopicsPlan.Outcome outcome) {
            var state =
                    outcome.created()
                            ? "created"
                            : outcome.differences().isEmpty() ? "as it should be" : "differs";
            var line = new StringBuilder();
            line.append(
                    "%-28s %4d partitions  %s"
                            .formatted(outcome.topic(), outcome.partitions(), state));
            outcome.differences()
                    .forEach(
                            each ->
                                    line.append(System.lineSeparator())
                                            .append("    ")
                                            .append(each));
            return line.toString();
        }

        private static String json(TopicsPlan.Outcome outcome) {
            var line =
                    Json.object()
                            .put("topic", outcome.topic())
                            .put("partitions", outcome.partitions())
                            .put("created", outcome.created());
            outcome.differences().forEach(line.putArray("differences")::add);
            return line.toString();
        }
    }
}
