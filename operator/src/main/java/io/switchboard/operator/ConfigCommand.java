package io.switchboard.operator;

import io.switchboard.runtime.AppsFlags;
import io.switchboard.runtime.ClusterKeyFlags;
import io.switchboard.runtime.KafkaFlags;
import io.switchboard.runtime.RedisFlags;
import io.switchboard.runtime.Unusable;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// What processes are configured with.
@Command(
        name = "config",
        mixinStandardHelpOptions = true,
        description = "What processes are configured with.",
        subcommands = ConfigCommand.Check.class)
final class ConfigCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        throw new Unusable("no command (expected: check)");
    }

    /// Reads every file and flag as a process would, and connects to nothing.
    @Command(
            name = "check",
            mixinStandardHelpOptions = true,
            description =
                    "Reads apps file, cluster key and client settings as a process would, and names what is wrong. Connects to nothing. Exit code 1 when something is wrong.")
    static final class Check implements Callable<Integer> {
        @Mixin private KafkaFlags kafka = new KafkaFlags();
        @Mixin private RedisFlags redis = new RedisFlags();
        @Mixin private AppsFlags apps = new AppsFlags();
        @Mixin private ClusterKeyFlags clusterKey = new ClusterKeyFlags();
        @Mixin private Print print = new Print();

        @Override
        public Integer call() {
            var report = new Report(print);
            files(kafka, redis, apps, clusterKey).forEach(report::add);
            return report.end();
        }
    }

    static java.util.List<Finding> files(
            KafkaFlags kafka, RedisFlags redis, AppsFlags apps, ClusterKeyFlags clusterKey) {
        return java.util.List.of(
                check("apps file", () -> apps(apps)),
                check(
                        "cluster key",
                        () -> {
                            clusterKey.load();
                            return "readable";
                        }),
                check(
                        "Kafka's settings",
                        () -> {
                            kafka.admin("config-check");
                            return kafka.bootstrapServers();
                        }),
                check(
                        "Redis's settings",
                        () -> String.join(",", redis.urls()).replaceAll("//[^/]*@", "//…@")));
    }

    private static Finding check(String what, Supplier<String> look) {
        try {
            return Finding.ok(what, look.get());
        } catch (Unusable e) {
            return Finding.fail(what, String.valueOf(e.getMessage()));
        }
    }

    private static String apps(AppsFlags flags) {
        try (var file = flags.open()) {
            var apps = file.current();
            return "%d apps (%s), %d routes (%s)"
                    .formatted(
                            apps.apps().size(),
                            names(apps.apps().keySet()),
                            apps.routes().size(),
                            names(apps.routes().keySet()));
        }
    }

    private static String names(java.util.Collection<String> names) {
        return String.join(", ", names.stream().sorted().limit(5).toList())
                + (names.size() > 5 ? ", …" : "");
    }
}
