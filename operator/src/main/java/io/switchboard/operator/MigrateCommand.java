package io.switchboard.operator;

import io.switchboard.runtime.Cli;
import io.switchboard.runtime.KafkaFlags;
import io.switchboard.runtime.RedisFlags;
import io.switchboard.runtime.Unusable;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Changes of what is stored, on a system that runs.
@Command(
        name = "migrate",
        mixinStandardHelpOptions = true,
        description = "Changes how events are laid out, on a system that runs.",
        subcommands = MigrateCommand.Partitions.class)
final class MigrateCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        throw new Unusable("no command (expected: partitions)");
    }

    /// More lanes.
    @Command(
            name = "partitions",
            mixinStandardHelpOptions = true,
            description =
                    "Gives the events topic more lanes. Deliveries pause for seconds, front doors answer 503 meanwhile; nothing is moved, lost or doubled. Interrupted at any moment, it is run again.")
    static final class Partitions implements Callable<Integer> {
        @Mixin private KafkaFlags kafka = new KafkaFlags();
        @Mixin private RedisFlags redis = new RedisFlags();
        @Mixin private GroupFlags group = new GroupFlags();
        @Mixin private Print print = new Print();

        @Option(
                names = "--lanes",
                paramLabel = "N",
                required = true,
                description = "How many there shall be: a multiple of what there is.")
        private int lanes;

        @Option(names = "--dry-run", description = "Only looks, and says what would be done.")
        private boolean dryRun;

        @Option(
                names = "--abort",
                description =
                        "Takes back a growth that was interrupted before Kafka had the partitions.")
        private boolean abort;

        @Option(
                names = "--unheld-producers",
                description =
                        "Goes on although somebody writes into Kafka who does not wait: the order of what they write in these seconds is not kept.")
        private boolean unheldProducers;

        @Override
        public Integer call() throws InterruptedException {
            if (dryRun && abort) {
                throw new Unusable("--dry-run: beside --abort (expected: one of them)");
            }
            try (var link = new KafkaLink(kafka);
                    var shards = new RedisLink(redis);
                    var growing = new Growing(link, shards, group.name(), lanes, print)) {
                growing.look();
                if (dryRun) {
                    growing.sayWhatWouldBeDone();
                } else if (abort) {
                    growing.takeBack();
                } else if (growing.isNeeded()) {
                    growing.run(unheldProducers);
                }
                return Cli.DONE;
            }
        }
    }
}
