package io.switchboard.systemtests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Receipt;
import io.switchboard.schemas.Topics;
import io.switchboard.systemtests.harness.Stage;
import io.switchboard.systemtests.harness.SwitchboardSystem;
import io.switchboard.systemtests.harness.TopicReader;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A producer may ask who is there, and hear who comes and goes.
class PresenceSystemTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final Stage stage = Stage.shared();
    private final SwitchboardSystem system = stage.system();
    private final HttpClient client = HttpClient.newHttpClient();

    @AfterEach
    void leave() {
        client.close();
        stage.close();
    }

    @Test
    void producerAsks_whetherAnAgentIsThere_where_andWhatIsUnread() {
        var id = stage.send("ada", "m1").getFirst();
        stage.awaitReceipt(id, Receipt.Kind.STORED);
        var away = ask("/agents/%s/ada".formatted(stage.app().name()));
        assertThat(away.path("online").asBoolean()).isFalse();
        assertThat(away.path("unread").asInt()).isEqualTo(1);
        assertThat(away.path("oldest_unread").path("id").asText()).isEqualTo(id);
        var waiting = ask("/events/" + id).path("inbox");
        assertThat(waiting.path("state").asText()).isEqualTo("unread");
        assertThat(waiting.path("online").asBoolean()).isFalse();

        for (var edge : system.edges()) {
            stage.browserAt(edge, "ada at " + edge.id(), "ada").connect();
        }

        stage.awaitReceipt(id, Receipt.Kind.ACKNOWLEDGED);
        Awaitility.await()
                .atMost(SOON)
                .untilAsserted(
                        () -> {
                            var there = ask("/agents/%s/ada".formatted(stage.app().name()));
                            assertThat(there.path("online").asBoolean()).isTrue();
                            assertThat(there.path("connections").asInt()).isEqualTo(2);
                            assertThat(there.path("edges")).hasSize(2);
                            assertThat(there.path("since").isTextual()).isTrue();
                            assertThat(there.path("unread").asInt()).isZero();
                        });
        assertThat(ask("/events/" + id).path("inbox").path("state").asText())
                .isEqualTo("acknowledged");
    }

    @Test
    void presenceTopic_holdsWhatEachEdgeSaidLast() {
        var first = system.edges().getFirst().id();
        var last = system.edges().getLast().id();
        stage.browserAt(system.edges().getFirst(), "ada 1", "ada").connect();
        var second = stage.browserAt(system.edges().getLast(), "ada 2", "ada").connect();
        second.disconnect();

        try (var topic = new TopicReader(system.infra().kafka(), Topics.PRESENCE)) {
            topic.await(
                    "ada left " + last,
                    record ->
                            key(record.key()).equals(agent() + "/" + last)
                                    && value(record.value()).path("connections").asInt() == 0);
            var said =
                    topic.seen().stream()
                            .filter(record -> key(record.key()).equals(agent() + "/" + first))
                            .map(record -> value(record.value()))
                            .toList()
                            .getLast();
            assertThat(said.path("online").asBoolean()).isTrue();
            assertThat(said.path("connections").asInt()).isEqualTo(1);
            assertThat(said.path("agent").asText()).isEqualTo(agent());
            assertThat(said.path("edge").asText()).startsWith(first + ".");
        }
    }

    private String agent() {
        return stage.app().agent("ada").toString();
    }

    private static String key(byte[] bytes) {
        return new String(bytes, UTF_8);
    }

    private static ObjectNode value(byte[] bytes) {
        return Objects.requireNonNull(Json.readObject(bytes));
    }

    private ObjectNode ask(String path) {
        var request =
                HttpRequest.newBuilder(system.frontDoorUrl().resolve(path))
                        .header("Authorization", "Bearer " + stage.app().chatToken())
                        .build();
        try {
            var answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
            assertThat(answer.statusCode()).as(key(answer.body())).isEqualTo(200);
            return value(answer.body());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
