package io.switchboard.operator;

import com.fasterxml.jackson.databind.JsonNode;
import io.switchboard.runtime.Cli;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// An agent in the terminal.
@Command(
        name = "agent",
        mixinStandardHelpOptions = true,
        description =
                "An agent in the terminal: prints each event on a line, acknowledges it, and comes back when its edge goes.")
final class AgentCommand implements Callable<Integer> {
    @Mixin private WhoFlags who = new WhoFlags();

    @Option(
            names = "--url",
            split = ",",
            paramLabel = "ws://HOST:PORT/ws[,…]",
            defaultValue = "ws://127.0.0.1:9081/ws,ws://127.0.0.1:9082/ws",
            description = "Edges, tried in turn (${DEFAULT-VALUE}).")
    private List<URI> urls = List.of();

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            description = "The agent's token; signed with the apps file's secret otherwise.")
    private @Nullable String token;

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "0",
            description = "End after N events; 0: never.")
    private int count;

    @Option(names = "--json", description = "Frames as they come, one a line.")
    private boolean json;

    @Override
    public Integer call() {
        var screen = json ? new JsonScreen(System.out) : new TextScreen(System.out, System.err);
        try (var client = new AgentClient(urls, this::token, RandomGenerator.getDefault())) {
            return client.run(new Counting(screen, client, count)) == null ? Cli.DONE : Cli.FAILED;
        }
    }

    private String token() {
        return token == null ? who.sign().token() : token;
    }

    /// Closes the client after so many events.
    private static final class Counting implements AgentClient.Listener {
        private final AgentClient.Listener listener;
        private final AgentClient client;
        private int left;

        Counting(AgentClient.Listener listener, AgentClient client, int count) {
            this.listener = listener;
            this.client = client;
            this.left = count;
        }

        @Override
        public void onEvent(URI edge, JsonNode frame) {
            listener.onEvent(edge, frame);
            if (--left == 0) {
                client.close();
            }
        }

        @Override
        public void onOther(URI edge, JsonNode frame) {
            listener.onOther(edge, frame);
        }

        @Override
        public void onClosed(URI edge, int code, String reason, @Nullable Duration again) {
            listener.onClosed(edge, code, reason, again);
        }
    }
}
