package io.switchboard.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AgentClientTest {
    private final FakeEdge first = new FakeEdge();
    private final FakeEdge second = new FakeEdge();
    private final BlockingQueue<String> handled = new LinkedBlockingQueue<>();
    private final BlockingQueue<Integer> closeCodes = new LinkedBlockingQueue<>();
    private final AgentClient client =
            new AgentClient(
                    List.of(first.url(), second.url()),
                    () -> "a token",
                    RandomGenerator.getDefault());
    private final CompletableFuture<String> ended = new CompletableFuture<>();

    @AfterEach
    void close() {
        client.close();
        first.close();
        second.close();
    }

    @Test
    void anEventIsHandled_andAcknowledgedAfterwards() throws Exception {
        run();
        var edge = first.next();
        assertThat(edge.hear().path("data").path("client_token").asText()).isEqualTo("a token");
        edge.online();

        edge.event("e1", "t.0.7");

        assertThat(edge.hear().toString())
                .isEqualTo("{\"event\":\"ACK\",\"data\":{\"agent\":\"t.0.7\"}}");
        assertThat(handled).containsExactly("e1");
    }

    @Test
    void anEdgeThatDied_isFollowedByTheNext_whichIsToldThePositions() throws Exception {
        run();
        var edge = first.next();
        edge.hear();
        edge.online();
        edge.event("e1", "t.0.7");
        edge.hear();

        edge.reset();

        assertThat(second.next().hear().path("data").path("positions").toString())
                .isEqualTo("{\"agent\":\"t.0.7\"}");
    }

    @Test
    void anEventThatComesAgain_isAcknowledgedAgain_butNotHandled() throws Exception {
        run();
        var edge = first.next();
        edge.hear();
        edge.online();
        edge.event("e1", "t.0.7");
        edge.hear();

        edge.event("e1", "t.0.8");

        assertThat(edge.hear().path("data").path("agent").asText()).isEqualTo("t.0.8");
        assertThat(handled).containsExactly("e1");
    }

    @Test
    void aFinalCloseCode_endsIt() throws Exception {
        run();
        var edge = first.next();
        edge.hear();

        edge.close(4500);

        assertThat(ended.get(20, TimeUnit.SECONDS)).isNotNull();
        assertThat(closeCodes).containsExactly(4500);
        assertThat(second.hasNobodyElse()).isTrue();
    }

    @Test
    void whatWasLost_movesThePosition() throws Exception {
        run();
        var edge = first.next();
        edge.hear();
        edge.online();
        edge.say(
                "{\"event\":\"LOST\",\"data\":{\"to\":\"agent\",\"expired\":2,\"through\":\"t.0.40\"}}");

        edge.close(4000);

        assertThat(second.next().hear().path("data").path("positions").path("agent").asText())
                .isEqualTo("t.0.40");
    }

    @Test
    void closed_itSaysGoodbye_andDoesNotComeBack() throws Exception {
        run();
        var edge = first.next();
        edge.hear();
        edge.online();

        client.close();

        assertThat(edge.hear()).isNull();
        assertThat(ended.get(20, TimeUnit.SECONDS)).isNull();
        assertThat(closeCodes).isEmpty();
    }

    private void run() {
        Thread.ofPlatform().daemon().start(() -> ended.complete(client.run(listener())));
    }

    private AgentClient.Listener listener() {
        return new AgentClient.Listener() {
            @Override
            public void onEvent(URI edge, JsonNode frame) {
                handled.add(frame.path("id").asText());
            }

            @Override
            public void onClosed(URI edge, int code, String reason, @Nullable Duration again) {
                closeCodes.add(code);
            }
        };
    }
}
