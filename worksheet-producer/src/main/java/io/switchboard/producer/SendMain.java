package io.switchboard.producer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.runtime.Cli;
import io.switchboard.runtime.Unusable;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Topics;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `./switchboard send`: puts events in from a terminal or a script.
@Command(
        name = "send",
        mixinStandardHelpOptions = true,
        description = {
            "Sends worksheets: to the front door, or straight into Kafka with --kafka.",
            "Prints the events' ids, one a line."
        })
public final class SendMain implements Callable<Integer> {
    private static final String SEEDS_TOKEN = "sdfd3sdfsd3324cx";

    @Option(
            names = "--front",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:9080",
            description = "The front door (${DEFAULT-VALUE}).")
    private URI front = URI.create("http://127.0.0.1:9080");

    @Option(
            names = "--kafka",
            paramLabel = "HOST:PORT[,…]",
            description = "Straight into Kafka instead.")
    private @Nullable String kafka;

    @Option(
            names = "--events-topic",
            paramLabel = "NAME",
            defaultValue = Topics.EVENTS,
            description = "The events topic, with --kafka (${DEFAULT-VALUE}).")
    private String eventsTopic = Topics.EVENTS;

    @Option(
            names = "--app",
            paramLabel = "NAME",
            description = "The app's name, with --kafka: records are keyed from the start.")
    private @Nullable String app;

    @Option(names = "--to", split = ",", paramLabel = "UUID", description = "An agent; repeatable.")
    private List<String> to = List.of();

    @Option(names = "--role", split = ",", paramLabel = "ROLE", description = "A role; repeatable.")
    private List<String> roles = List.of();

    @Option(names = "--all", description = "Everybody in the app.")
    private boolean all;

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            defaultValue = "new_worksheet_to_deal",
            description = "The payload's type (${DEFAULT-VALUE}).")
    private String type = "new_worksheet_to_deal";

    @Option(
            names = "--infos",
            paramLabel = "TEXT",
            defaultValue = "你有一条新工单待处理",
            description = "The payload's infos (${DEFAULT-VALUE}).")
    private String infos = "你有一条新工单待处理";

    @Option(names = "--data", paramLabel = "JSON", description = "The payload, instead of both.")
    private @Nullable String data;

    @Option(
            names = "--id",
            paramLabel = "ID",
            description = "The event's own id: sent again with it, nothing is doubled.")
    private @Nullable String id;

    @Option(names = "--ttl", paramLabel = "SECONDS", description = "How long it is worth sending.")
    private @Nullable Long ttl;

    @Option(names = "--deliver-at", paramLabel = "TIME", description = "RFC 3339; not before.")
    private @Nullable String deliverAt;

    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "/worksheet/send-message",
            description = "The route (${DEFAULT-VALUE}).")
    private String url = "/worksheet/send-message";

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            defaultValue = SEEDS_TOKEN,
            showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER,
            description = "The app's chat_token; the development one by default.")
    private String token = SEEDS_TOKEN;

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description =
                    "Envelopes as JSON, instead of the flags: one document, or one a line; - is standard input. One without url or chat_token gets those of the flags.")
    private @Nullable Path file;

    @Option(
            names = "--await",
            arity = "0..1",
            paramLabel = "SECONDS",
            fallbackValue = "60",
            description = "Wait until each event is acknowledged (${FALLBACK-VALUE} s at most).")
    private @Nullable Integer awaitSeconds;

    @Option(names = "--json", description = "One JSON object a line.")
    private boolean json;

    private final InputStream in;
    private final PrintStream out;

    SendMain(InputStream in, PrintStream out) {
        this.in = in;
        this.out = out;
    }

    public SendMain() {
        this(System.in, System.out);
    }

    public static void main(String... args) {
        Cli.main(new SendMain(), args);
    }

    @Override
    public Integer call() throws Exception {
        if (awaitSeconds != null && awaitSeconds < 1) {
            throw new Unusable("--await: %d (expected: 1 or more)".formatted(awaitSeconds));
        }
        try (var sender = sender();
                var envelopes = file == null ? Envelopes.of(fromFlags()) : fromFile(file)) {
            while (envelopes.hasNext()) {
                send(sender, withDefaults(envelopes.next()));
            }
        }
        return Cli.DONE;
    }

    private void send(Sender sender, ObjectNode envelope) throws Exception {
        var ids = sender.send(envelope);
        if (awaitSeconds == null || !json) {
            print(ids, null);
        }
        if (awaitSeconds != null) {
            awaitAcknowledged(sender, ids, Duration.ofSeconds(awaitSeconds));
        }
    }

    /// With `--json` there is one line for each request, whatever comes of it.
    private void awaitAcknowledged(Sender sender, List<String> ids, Duration patience)
            throws InterruptedException {
        boolean acknowledged = false;
        try {
            sender.awaitAcknowledged(ids, patience);
            acknowledged = true;
        } finally {
            if (json) {
                print(ids, acknowledged);
            }
        }
    }

    private void print(List<String> ids, @Nullable Boolean acknowledged) {
        if (json) {
            var line = Json.object();
            ids.forEach(line.putArray("ids")::add);
            if (acknowledged != null) {
                line.put("acknowledged", acknowledged);
            }
            out.println(new String(Json.bytes(line), StandardCharsets.UTF_8));
        } else {
            ids.forEach(out::println);
        }
        out.flush();
    }

    private Sender sender() {
        return kafka == null ? new HttpSender(front) : new KafkaSender(kafka, eventsTopic, app);
    }

    private Envelopes fromFile(Path path) {
        if (!to.isEmpty() || !roles.isEmpty() || all) {
            throw new Unusable("--file: with --to, --role or --all (expected: one or the other)");
        }
        return path.toString().equals("-")
                ? Envelopes.read("standard input", in)
                : Envelopes.read(path);
    }

    private ObjectNode withDefaults(ObjectNode envelope) {
        if (!envelope.has("url")) {
            envelope.put("url", url);
        }
        if (!envelope.has("chat_token")) {
            envelope.put("chat_token", token);
        }
        return envelope;
    }

    private ObjectNode fromFlags() {
        if (to.isEmpty() && roles.isEmpty() && !all) {
            throw new Unusable(
                    "send: to whom? (expected: --to UUID, --role ROLE, --all or --file)");
        }
        if (id != null && to.size() + roles.size() + (all ? 1 : 0) > 1) {
            throw new Unusable("--id: with several targets (expected: one, an id names one event)");
        }
        var envelope = Json.object();
        var targets = envelope.putArray("data");
        to.forEach(uuid -> put(targets.addObject().put("uuid", uuid)));
        roles.forEach(role -> put(targets.addObject().put("role", role)));
        if (all) {
            put(targets.addObject().put("all", true));
        }
        return envelope;
    }

    private void put(ObjectNode target) {
        if (id != null) {
            target.put("id", id);
        }
        if (ttl != null) {
            target.put("ttl", ttl);
        }
        if (deliverAt != null) {
            target.put("deliver_at", deliverAt);
        }
        target.set("data", payload());
    }

    private JsonNode payload() {
        if (data == null) {
            return Json.object().put("type", type).put("infos", infos);
        }
        try {
            return Json.MAPPER.readTree(data);
        } catch (JsonProcessingException e) {
            throw new Unusable("--data: %s (expected: JSON)".formatted(e.getOriginalMessage()));
        }
    }
}
