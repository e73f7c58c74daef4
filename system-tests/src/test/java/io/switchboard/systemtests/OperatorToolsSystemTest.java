package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.schemas.CloseCode;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Receipt;
import io.switchboard.schemas.Target;
import io.switchboard.systemtests.harness.Browser;
import io.switchboard.systemtests.harness.Stage;
import io.switchboard.systemtests.harness.SwitchboardSystem;
import io.switchboard.systemtests.harness.TestApp;
import io.switchboard.systemtests.harness.Tool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// An operator's tools on a system that runs: what they say is so, what they do happens, and
/// docs/operating.md shows what they print.
class OperatorToolsSystemTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final Stage stage = Stage.shared();
    private final SwitchboardSystem system = stage.system();
    private final Tool tool = Tool.of(system);
    private final String app = stage.app().name();

    @AfterEach
    void leave() {
        stage.close();
    }

    // --- look

    @Test
    void agents_saysWhoIsWhere_andWhatIsUnread() throws IOException {
        var first = system.edges().getFirst();
        var last = system.edges().getLast();
        stage.browserAt(first, "ada 1", "ada").connect();
        var second = stage.browserAt(last, "ada 2", "ada").connect();
        var id = stage.send("bob", "waits").getFirst();
        stage.awaitReceipt(id, Receipt.Kind.STORED);

        var ada = agent("ada");
        assertThat(texts(ada.path("edges"))).containsExactlyInAnyOrder(first.id(), last.id());
        var since = Instant.parse(ada.path("since").asText());
        var bob = agent("bob");
        assertThat(bob.path("online").asBoolean()).isFalse();
        assertThat(bob.path("unread").asInt()).isEqualTo(1);
        assertThat(bob.path("oldest_unread_id").asText()).isEqualTo(id);
        assertAsOnThePage("agents", "--app", app);

        second.disconnect();

        Awaitility.await()
                .atMost(SOON)
                .untilAsserted(() -> assertThat(texts(agent("ada").path("edges"))).hasSize(1));
        assertThat(agent("ada").path("since").asText())
                .as("the edge that she left speaks for itself only")
                .isEqualTo(since.toString());
    }

    private ObjectNode agent(String uuid) {
        var said = tool.json("agents", "--app", app);
        var found = said.object("address", "agent:%s/%s".formatted(app, uuid));
        assertThat(found).as(said.out()).isNotNull();
        return found;
    }

    @Test
    void edges_saysWhereEachIsAsked_andHowItIs() throws IOException {
        stage.browserAt(system.edges().getFirst(), "ada", "ada").connect();
        var first = system.edges().getFirst();

        Awaitility.await()
                .atMost(SOON)
                .untilAsserted(
                        () -> {
                            var edge = tool.json("edges").object("edge", first.id());
                            assertThat(edge.path("admin").asText())
                                    .isEqualTo("http://127.0.0.1:" + first.adminPort());
                            assertThat(edge.path("address").asText())
                                    .isEqualTo(SwitchboardSystem.webSocketUrl(first).toString());
                            assertThat(edge.path("state").asText()).isEqualTo("ready");
                            assertThat(edge.path("connections").asInt()).isPositive();
                        });
        assertAsOnThePage("edges");
    }

    @Test
    void lanes_haveAnOwnerEach_andNoLag() throws IOException {
        Awaitility.await()
                .atMost(SOON)
                .untilAsserted(
                        () ->
                                assertThat(tool.json("lanes").objects())
                                        .hasSize(system.topic().partitions())
                                        .allSatisfy(
                                                lane -> {
                                                    assertThat(lane.path("owner").asText())
                                                            .startsWith("dispatcher-");
                                                    assertThat(lane.path("healthy").asBoolean())
                                                            .isTrue();
                                                    assertThat(lane.path("lag").asLong()).isZero();
                                                }));
        assertAsOnThePage("lanes");
    }

    // --- trace

    @Test
    void trace_printsEveryHop_withItsTimeAndPlace() throws IOException {
        var ada = stage.browser("ada").connect();
        var id = stage.send("ada", "m1").getFirst();
        ada.awaitReceived("m1");
        stage.awaitReceipt(id, Receipt.Kind.ACKNOWLEDGED);

        var hops = hops(id);

        assertThat(hops.keySet())
                .containsExactlyInAnyOrder(
                        "produced", "stored", "hinted", "written", "acknowledged");
        assertThat(hops.get("written").path("where").asText())
                .isEqualTo(stage.edgeNodeOf("ada").id());
        assertThat(hops.get("written").path("detail").asText()).startsWith(id + ", connection ");
        assertThat(hops.get("hinted").path("where").asText())
                .isEqualTo(stage.edgeNodeOf("ada").id());
        hops.values()
                .forEach(hop -> assertThat(Instant.parse(hop.path("at").asText())).isNotNull());
        assertThat(fate(id)).isEqualTo("acknowledged");
        assertAsOnThePage("trace", id);
    }

    @Test
    void trace_ofAnEventForARole_countsItsReaders() {
        stage.browserAt(system.edges().getFirst(), "ada", "ada", "clerk").connect();
        stage.browserAt(system.edges().getFirst(), "bob", "bob", "clerk").connect();
        var id = stage.sendToRole("clerk", "m1");
        stage.browserOf("ada").awaitReceived("m1");
        stage.browserOf("bob").awaitReceived("m1");
        stage.awaitReceipt(id, Receipt.Kind.ACKNOWLEDGED);

        assertThat(tool.json("trace", id).out()).contains("written");
    }

    @Test
    void trace_followsWhatWasSplit_delayed_andSentAgain() throws Exception {
        var ada = stage.browser("ada").connect();
        var bob = stage.browser("bob").connect();

        var split = write(envelope(List.of("ada", "bob"), "split"), Map.of());
        ada.awaitReceived("split");
        bob.awaitReceived("split");
        stage.promised(split + ".0", stage.app().agent("ada"));
        stage.awaitReceipt(split + ".0", Receipt.Kind.ACKNOWLEDGED);
        assertThat(hops(split + ".0").keySet())
                .contains("produced", "split", "stored", "hinted", "written", "acknowledged");

        var delayed = envelope(List.of("ada"), "delayed");
        ((ObjectNode) delayed.path("data").path(0))
                .put("id", "later-" + app)
                .put("deliver_at", Instant.now().plusSeconds(2).toString());
        write(delayed, Map.of());
        ada.awaitReceived("split", "delayed");
        stage.promised("later-" + app, stage.app().agent("ada"));
        stage.awaitReceipt("later-" + app, Receipt.Kind.ACKNOWLEDGED);
        assertThat(hops("later-" + app).keySet())
                .contains("produced", "due", "stored", "hinted", "written", "acknowledged");

        var said =
                tool.json("replay", "--since", "1m", "--agent", app + "/ada", "--id", split + ".0");
        assertThat(said.out()).contains("redelivery");
        ada.awaitReceived("split", "delayed", "split");
        Awaitility.await()
                .atMost(SOON)
                .untilAsserted(
                        () -> {
                            var trace = tool.json("trace", split + ".0").objects();
                            assertThat(count(trace, "redelivered")).isEqualTo(1);
                            assertThat(count(trace, "written")).isEqualTo(2);
                            assertThat(count(trace, "acknowledged")).isEqualTo(2);
                        });
    }

    @Test
    void trace_ofACloudEvent() throws Exception {
        var ada = stage.browser("ada").connect();
        var id = "cloud-" + app;
        write(
                Json.object().put("type", "x").put("infos", "cloud"),
                Map.of(
                        "ce_specversion", "1.0",
                        "ce_type", TestApp.URL,
                        "ce_source", "/tests",
                        "ce_subject", "uuid:ada",
                        "ce_id", id,
                        "chat_token", stage.app().chatToken(),
                        "content-type", "application/json"));
        stage.promised(id, stage.app().agent("ada"));
        ada.awaitReceived("cloud");
        stage.awaitReceipt(id, Receipt.Kind.ACKNOWLEDGED);

        // Whether the id is found in the record is the reader's; the receipt names its position.
        assertThat(tool.json("trace", id).out()).contains("written", "acknowledged");
    }

    private Map<String, ObjectNode> hops(String id) {
        var hops = new java.util.LinkedHashMap<String, ObjectNode>();
        for (var each : tool.json("trace", id, "--agent", app + "/ada").objects()) {
            if (each.has("hop")) {
                hops.put(each.path("hop").asText(), each);
            }
        }
        return hops;
    }

    private String fate(String id) {
        return tool.json("trace", id).objects().getLast().path("fate").asText();
    }

    private static long count(List<ObjectNode> objects, String hop) {
        return objects.stream().filter(each -> each.path("hop").asText().equals(hop)).count();
    }

    @Test
    void tail_showsEventsAndReceipts_asTheyCome() throws IOException {
        var id = stage.send("ada", "m1").getFirst();
        stage.awaitReceipt(id, Receipt.Kind.STORED);

        var said = tool.json("tail", "--agent", app + "/ada", "--since", "5m", "--count", "2");

        assertThat(said.objects())
                .extracting(each -> each.path("what").asText())
                .containsExactlyInAnyOrder("produced", "stored");
        assertThat(said.out()).contains(id).doesNotContain("m1");
        assertAsOnThePage("tail", "--agent", app + "/ada", "--since", "5m", "--count", "2");
    }

    // --- send again

    @Test
    void deadLetters_areListed_shown_sentAgainOnceTheCauseIsMended_orDropped() throws Exception {
        var ada = stage.browser("ada").connect();
        tool.json("block", app);
        String first;
        String second;
        try {
            awaitBlocked();
            first = write(envelope(List.of("ada"), "again"), Map.of());
            second = write(envelope(List.of("ada"), "never"), Map.of());
            Awaitility.await()
                    .atMost(SOON)
                    .untilAsserted(() -> assertThat(letter(second)).isNotNull());
        } finally {
            tool.json("unblock", app);
        }
        awaitUnblocked();
        var key = letter(first).path("key").asText();
        assertAsOnThePage("dead-letters", "list");
        assertThat(tool.run("dead-letters", "show", key).out())
                .contains("again")
                .doesNotContain(stage.app().chatToken());

        Awaitility.await()
                .atMost(SOON)
                .untilAsserted(
                        () -> assertThat(tool.run("dead-letters", "redrive", key).code()).isZero());

        stage.browserOf("ada").startConnecting();
        ada.awaitReceived("again");
        assertThat(letter(first)).as("no longer open").isNull();
        var dropped =
                tool.run(
                        "dead-letters",
                        "drop",
                        letter(second).path("key").asText(),
                        "--reason",
                        "a test");
        assertThat(dropped.code()).as(dropped.toString()).isZero();
        assertThat(letter(second)).isNull();
    }

    /// The open letter of the record at this position; null when there is none.
    private ObjectNode letter(String position) {
        var dots = position.split("\\.", -1);
        var key = "%s-%s-%s".formatted(system.topic().name(), dots[1], dots[2]);
        return tool.json("dead-letters", "list").object("key", key);
    }

    // --- steer

    @Test
    void kick_closesEveryConnectionOfTheAgent_onAllEdges_andKeepsTheInbox() {
        var tabs = tabsOnAllEdges("ada");
        var bob = stage.browser("bob").connect();

        long asked = System.nanoTime();

        tool.json("kick", app + "/ada");

        tabs.forEach(each -> each.awaitClosed(CloseCode.KICKED.code()));
        assertWithinASecond("kick", asked);
        assertThat(bob.isOnline()).isTrue();
        stage.send("ada", "m1");
        var back = stage.tab("ada again", "ada").connect();
        back.awaitReceived("m1");
        assertThat(back.isOnline()).as("a kick is of those who were there").isTrue();
    }

    @Test
    void block_shutsAnAppOut_withinASecond_onAllEdges_untilItIsUnblocked() {
        var tabs = tabsOnAllEdges("ada");
        long asked = System.nanoTime();

        tool.json("block", app);
        try {
            tabs.forEach(each -> each.awaitClosed(CloseCode.APP_BLOCKED.code()));
            assertWithinASecond("block", asked);
            awaitBlocked();
            assertThat(tool.run("block").out()).contains(app);
        } finally {
            tool.json("unblock", app);
        }

        awaitUnblocked();
        stage.tab("ada again", "ada").connect();
    }

    private static void assertWithinASecond(String command, long askedNanos) {
        long millis = (System.nanoTime() - askedNanos) / 1_000_000;
        System.out.printf("MEASURED %s to closed on all edges: %d ms%n", command, millis);
        assertThat(millis).as("a second, and what a busy machine adds").isLessThan(5_000);
    }

    private void awaitUnblocked() {
        Awaitility.await()
                .atMost(SOON)
                .untilAsserted(() -> assertThat(post().status()).isEqualTo(202));
    }

    private void awaitBlocked() {
        Awaitility.await()
                .atMost(SOON)
                .untilAsserted(() -> assertThat(post().status()).isEqualTo(403));
    }

    private io.switchboard.systemtests.harness.FrontDoor.Answer post() {
        return stage.frontDoor()
                .post(
                        stage.envelope(List.of(Map.entry(new Target.ToAgent("nobody"), "probe"))),
                        null);
    }

    private List<Browser> tabsOnAllEdges(String uuid) {
        var tabs = new ArrayList<Browser>();
        for (var edge : system.edges()) {
            tabs.add(stage.browserAt(edge, uuid + " at " + edge.id(), uuid).connect());
        }
        return tabs;
    }

    // --- the page

    /// What the command prints now has the shape that the page shows: the same columns, the same
    /// keys.
    private void assertAsOnThePage(String... command) throws IOException {
        var section = section(command[0]);
        var shown =
                Pattern.compile("\\$ \\./switchboard " + command[0] + "[^\n]*\n([^\n]+)\n")
                        .matcher(section);
        assertThat(shown.find()).as("an example of %s", command[0]).isTrue();
        var table = tool.run(command);
        assertThat(columns(table.out().lines().findFirst().orElse("")))
                .as("%s for people", command[0])
                .isEqualTo(columns(shown.group(1)));

        var examples =
                Pattern.compile("(?m)^\\{.*}$")
                        .matcher(section)
                        .results()
                        .map(each -> keys(each.group()))
                        .toList();
        assertThat(examples).as("JSON of %s", command[0]).isNotEmpty();
        assertThat(tool.json(command).out().lines())
                .allSatisfy(
                        line ->
                                assertThat(examples)
                                        .as("%s for programs: %s", command[0], line)
                                        .anySatisfy(
                                                shownKeys ->
                                                        assertThat(shownKeys)
                                                                .containsAll(keys(line))));
    }

    private static String section(String command) throws IOException {
        var page = Files.readString(Path.of("../docs/operating.md"));
        int begin = page.indexOf("\n### " + command);
        assertThat(begin).as(command).isPositive();
        int end = page.indexOf("\n##", begin + 3);
        return page.substring(begin, end < 0 ? page.length() : end);
    }

    private static List<String> columns(String header) {
        return List.of(header.strip().split(" {2,}", -1));
    }

    private static List<String> keys(String line) {
        var keys = new ArrayList<String>();
        Json.readObject(line.getBytes(StandardCharsets.UTF_8))
                .fieldNames()
                .forEachRemaining(keys::add);
        return keys;
    }

    private static List<String> texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asText).toList();
    }

    // --- raw producers

    private ObjectNode envelope(List<String> uuids, String text) {
        var envelope = stage.envelope(TestApp.URL, List.of());
        var data = (ArrayNode) envelope.path("data");
        uuids.forEach(uuid -> data.addObject().put("uuid", uuid).set("data", Stage.payload(text)));
        return envelope;
    }

    /// As some Kafka producer would, without a key.
    ///
    /// @return the coordinates
    private String write(ObjectNode value, Map<String, String> headers) throws Exception {
        var topic = system.topic();
        try (var producer =
                new KafkaProducer<>(
                        Map.<String, Object>of("bootstrap.servers", system.infra().kafka()),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            var record = new ProducerRecord<byte[], byte[]>(topic.name(), null, Json.bytes(value));
            headers.forEach(
                    (name, said) ->
                            record.headers().add(name, said.getBytes(StandardCharsets.UTF_8)));
            var written = producer.send(record).get(30, TimeUnit.SECONDS);
            return topic.lane(written.partition()).position(written.offset()).toString();
        }
    }
}
