package io.switchboard.operator;

import io.helidon.webserver.http.HttpRouting;
import io.switchboard.runtime.AppsFlags;
import io.switchboard.runtime.Cli;
import io.switchboard.runtime.ClusterKeyFlags;
import io.switchboard.runtime.HttpPort;
import io.switchboard.runtime.KafkaFlags;
import io.switchboard.runtime.Lifecycle;
import io.switchboard.runtime.RedisFlags;
import io.switchboard.schemas.Json;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// The tools as a page.
@Command(
        name = "console",
        mixinStandardHelpOptions = true,
        description = {
            "Serves the operator's page until Ctrl-C: edges, lanes, agents, one event's path, dead letters, drain.",
            "Whoever has the printed address may do what the tools do: it listens on loopback."
        })
final class ConsoleCommand implements Callable<Integer> {
    private static final int TOKEN_BYTES = 16;

    /// Its own; the tools know other ports.
    private static final Set<String> OWN = Set.of("--host", "--port", "--json");

    // The tools are given what these are given.
    @Mixin private KafkaFlags kafka = new KafkaFlags();
    @Mixin private RedisFlags redis = new RedisFlags();

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private AppsFlags apps = new AppsFlags();

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private ClusterKeyFlags clusterKey = new ClusterKeyFlags();

    @Mixin
    @SuppressWarnings("UnusedVariable")
    private GroupFlags group = new GroupFlags();

    @Mixin private Print print = new Print();
    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "The address to listen on (${DEFAULT-VALUE}).")
    private String host = "127.0.0.1";

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "9079",
            description = "0 takes any free one (${DEFAULT-VALUE}).")
    private int port = 9079;

    @Override
    public Integer call() throws InterruptedException {
        var random = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(random);
        var token = HexFormat.of().formatHex(random);
        var routing = HttpRouting.builder();
        new Console(tools(), token).routing(routing);
        try (var life = new Lifecycle()) {
            var server = HttpPort.open("--port", host, port, routing);
            life.open(server::stop);
            var url = "http://%s:%d/#token=%s".formatted(host, server.port(), token);
            print.line(
                    "The console of Kafka %s and Redis %s:\n\n  %s\n\nCtrl-C ends it."
                            .formatted(
                                    kafka.bootstrapServers(),
                                    String.join(",", redis.urls()).replaceAll("//[^/]*@", "//…@"),
                                    url));
            print.object(Json.object().put("console", url));
            life.awaitStop();
        }
        return Cli.DONE;
    }

    private ToolBox tools() {
        if (spec == null) {
            throw new IllegalStateException("called before picocli has set it up");
        }
        CommandLine line = spec.commandLine();
        Map<String, String> given = new HashMap<>();
        for (var option : line.getParseResult().matchedOptions()) {
            if (!OWN.contains(option.longestName())) {
                given.put(option.longestName(), String.join(",", option.originalStringValues()));
            }
        }
        return new ToolBox(given, line.getDefaultValueProvider());
    }
}
