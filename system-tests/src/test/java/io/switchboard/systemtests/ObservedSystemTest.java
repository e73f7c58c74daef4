package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import io.switchboard.quickstart.JavaModule;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Target;
import io.switchboard.systemtests.harness.Node;
import io.switchboard.systemtests.harness.Stage;
import io.switchboard.systemtests.harness.SwitchboardSystem;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What a process tells of an event that passed through it: spans and log lines. The processes are
/// a dispatcher, an edge node and a front door with tracing and JSON logs on.
class ObservedSystemTest {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String CALLER = "b7ad6b7169203331";
    private static final String PAYLOAD = "the-payload-that-no-log-shows";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final SwitchboardSystem SYSTEM = SwitchboardSystem.shared();
    private static final Stage STAGE = Stage.shared();
    private static final OtlpReceiver OTLP = new OtlpReceiver();
    private static final List<Node> NODES = new ArrayList<>();
    private static Node edge;
    private static Node frontDoor;

    @BeforeAll
    static void start() {
        SYSTEM.dispatchers().forEach(Node::stop);
        NODES.add(observed(JavaModule.DISPATCHER, "dispatcher-observed"));
        edge = observed(JavaModule.EDGE, "edge-observed");
        NODES.add(edge);
        frontDoor = observed(JavaModule.PRODUCER, "front-door-observed");
        NODES.add(frontDoor);
    }

    private static Node observed(JavaModule module, String id) {
        return SYSTEM.startMore(module, id, "--otlp", OTLP.url(), "--log", "json");
    }

    @AfterAll
    static void leave() {
        STAGE.close();
        NODES.forEach(Node::close);
        OTLP.close();
        SYSTEM.dispatchers().forEach(Node::restart);
    }

    @Test
    void oneTrace_runsFromThePostToTheFrame() throws Exception {
        var frames = listen("ada");
        var posted = post("ada", PAYLOAD, "00-" + TRACE + "-" + CALLER + "-01");
        var id = posted.path("ids").path(0).asText();

        var frame = awaitEvent(frames);
        assertThat(frame.path("id").asText()).isEqualTo(id);

        var request = span("switchboard-front-door", "POST /worksheet/send-message");
        var send = span("switchboard-front-door", "send worksheet.events");
        var process = span("switchboard-dispatcher", "process worksheet.events");
        var deliver = span("switchboard-edge", "deliver");
        assertThat(request.parent()).isEqualTo(CALLER);
        assertThat(request.span().getKind()).isEqualTo(SpanKind.SPAN_KIND_SERVER);
        assertThat(send.parent()).isEqualTo(request.id());
        assertThat(send.span().getKind()).isEqualTo(SpanKind.SPAN_KIND_PRODUCER);
        assertThat(process.parent()).isEqualTo(send.id());
        assertThat(process.span().getKind()).isEqualTo(SpanKind.SPAN_KIND_CONSUMER);
        assertThat(deliver.parent()).isEqualTo(send.id());
        for (var each : List.of(send, process, deliver)) {
            assertThat(each.attribute("messaging.message.id")).isEqualTo(id);
        }
        assertThat(frame.path("traceparent").asText())
                .as("what the browser goes on with")
                .isEqualTo("00-" + TRACE + "-" + send.id() + "-01");

        var batch =
                OTLP.spans().stream()
                        .filter(each -> process.links().contains(each.id()))
                        .findFirst()
                        .orElseThrow();
        assertThat(batch.links()).contains(send.id());
        assertThat(batch.traceId()).isNotEqualTo(TRACE);
    }

    @Test
    void withoutASampledTrace_nothingIsSaid_andTheContextGoesThrough() throws Exception {
        var frames = listen("bob");
        var context = "00-1bf7651916cd43dd8448eb211c80319c-c7ad6b7169203331-00";
        post("bob", PAYLOAD, context);

        var frame = awaitEvent(frames);

        assertThat(frame.path("traceparent").asText())
                .startsWith("00-1bf7651916cd43dd8448eb211c80319c-")
                .endsWith("-00");
        assertThat(OTLP.spans()).noneMatch(each -> each.traceId().startsWith("1bf76519"));
    }

    @Test
    void logsNameEvents_andNeverSayPayloadsOrTokens() throws Exception {
        var frames = listen("cid");
        post("cid", PAYLOAD, null);
        awaitEvent(frames);
        var refused = refusedRecord();
        Awaitility.await("the dead letter is in the log")
                .atMost(PATIENCE)
                .until(() -> lines().stream().anyMatch(it -> isAbout(it, refused)));
        var wrong = STAGE.browserWithToken("eve", "not-a-good-token-" + PAYLOAD);
        wrong.startConnecting().awaitRefused(10104);

        var all = new StringBuilder();
        for (var node : NODES) {
            all.append(Files.readString(node.log()));
        }
        assertThat(all.toString())
                .doesNotContain(PAYLOAD)
                .doesNotContain(STAGE.app().chatToken())
                .doesNotContain(STAGE.app().clientToken("cid").split("\\.")[1]);
        for (var line : lines()) {
            assertThat(line.path("timestamp").asText()).as(line.toString()).isNotEmpty();
        }
        assertThat(lines().stream().filter(it -> isAbout(it, refused)))
                .as("by its id and its place")
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line.path("position").asText()).isEqualTo(refused));
    }

    // --- what was told

    private static OtlpReceiver.Received span(String service, String name) {
        var found = new ArrayList<OtlpReceiver.Received>();
        Awaitility.await("span '%s' of %s".formatted(name, service))
                .atMost(PATIENCE)
                .untilAsserted(
                        () -> {
                            found.clear();
                            OTLP.spans().stream()
                                    .filter(each -> each.traceId().equals(TRACE))
                                    .filter(each -> each.service().equals(service))
                                    .filter(each -> each.span().getName().equals(name))
                                    .forEach(found::add);
                            assertThat(found).hasSize(1);
                        });
        return found.getFirst();
    }

    private static List<JsonNode> lines() throws IOException {
        var lines = new ArrayList<JsonNode>();
        for (var node : NODES) {
            for (var line : Files.readAllLines(node.log())) {
                var json = Json.readObject(line.getBytes(StandardCharsets.UTF_8));
                if (json != null && json.has("level")) {
                    lines.add(json);
                }
            }
        }
        return lines;
    }

    private static boolean isAbout(JsonNode line, String event) {
        return line.path("event").asText().equals(event);
    }

    // --- who does something

    /// A record with a token of nobody's; answers the id that its event would have.
    private static String refusedRecord() throws Exception {
        var settings =
                new java.util.HashMap<String, Object>(SYSTEM.kafkaSettings("observed-producer"));
        try (var producer =
                new KafkaProducer<>(
                        settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            var envelope =
                    STAGE.envelope(
                            "/worksheet/send-message",
                            List.of(Map.entry(new Target.ToAgent("cid"), PAYLOAD)));
            envelope.put("chat_token", "nobody-" + PAYLOAD);
            var at =
                    producer.send(new ProducerRecord<>(SYSTEM.topic().name(), Json.bytes(envelope)))
                            .get(20, TimeUnit.SECONDS);
            return SYSTEM.topic().lane(at.partition()).position(at.offset()).toString();
        }
    }

    private static JsonNode post(String uuid, String text, String traceParent) throws Exception {
        var request =
                HttpRequest.newBuilder(
                                URI.create(
                                        "http://127.0.0.1:%d/worksheet/send-message"
                                                .formatted(frontDoor.port())))
                        .timeout(PATIENCE)
                        .header("Content-Type", "application/json")
                        .POST(
                                HttpRequest.BodyPublishers.ofByteArray(
                                        STAGE.envelope(
                                                List.of(
                                                        Map.entry(
                                                                new Target.ToAgent(uuid), text)))));
        if (traceParent != null) {
            request.header("traceparent", traceParent);
        }
        try (var client = HttpClient.newHttpClient()) {
            var answer = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            assertThat(answer.statusCode()).isEqualTo(202);
            return Json.readObject(answer.body());
        }
    }

    private static JsonNode awaitEvent(BlockingQueue<String> frames) throws InterruptedException {
        while (true) {
            var text = frames.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(text).as("a frame").isNotNull();
            var frame = Json.readObject(text.getBytes(StandardCharsets.UTF_8));
            if (frame.has("response")) {
                return frame;
            }
        }
    }

    /// Connects to the observed edge node; returns once online.
    private static BlockingQueue<String> listen(String uuid) throws InterruptedException {
        var frames = new LinkedBlockingQueue<String>();
        var hello =
                "{\"event\":\"CONNECT\",\"data\":{\"client_token\":\"%s\"}}"
                        .formatted(STAGE.app().clientToken(uuid));
        var socket =
                HttpClient.newHttpClient()
                        .newWebSocketBuilder()
                        .subprotocols("switchboard.v1")
                        .buildAsync(
                                SwitchboardSystem.webSocketUrl(edge),
                                new WebSocket.Listener() {
                                    @Override
                                    public CompletionStage<?> onText(
                                            WebSocket it, CharSequence data, boolean last) {
                                        frames.add(data.toString());
                                        it.request(1);
                                        return null;
                                    }
                                })
                        .join();
        socket.sendText(hello, true).join();
        while (true) {
            var frame = frames.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(frame).as("ONLINE").isNotNull();
            if (frame.contains("\"ONLINE\"")) {
                return frames;
            }
        }
    }
}
