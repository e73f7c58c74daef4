package io.switchboard.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AdminServerTest {
    enum Counted implements Counter {
        THINGS_DROPPED("A thing was dropped.");

        private final String help;

        Counted(String help) {
            this.help = help;
        }

        @Override
        public String help() {
            return help;
        }
    }

    private final Health health = new Health();
    private final AtomicReference<Health.State> kafka = new AtomicReference<>(Health.State.ok());

    @Test
    void ready_saysWhatFails_andLiveDoesNotCare() throws Exception {
        health.check("kafka", kafka::get);
        health.check("redis", Health.State::ok);
        try (var server = new AdminServer("127.0.0.1", 0, health, Metrics.registry())) {
            assertThat(get(server, "/ready")).isEqualTo("200 {\"ready\":true}");

            kafka.set(Health.State.failing("no answer for 3 s"));

            assertThat(get(server, "/ready"))
                    .isEqualTo(
                            "503 {\"ready\":false,\"failing\":{\"kafka\":\"no answer for 3 s\"}}");
            assertThat(get(server, "/health"))
                    .isEqualTo(
                            "503 {\"ready\":false,\"checks\":{\"kafka\":\"no answer for 3 s\",\"redis\":\"ok\"}}");
            assertThat(get(server, "/live")).isEqualTo("200 {\"live\":true}");
        }
    }

    @Test
    void checkThatThrows_isFailing() {
        health.check(
                "odd",
                () -> {
                    throw new IllegalStateException("oops");
                });

        assertThat(health.states().get("odd").reason()).contains("oops");
    }

    @Test
    void metrics_showCountersWithTheirSentence() throws Exception {
        var registry = Metrics.registry();
        var counters = new Counters<>(Counted.class, registry);
        counters.add(Counted.THINGS_DROPPED, 2);
        counters.increment(Counted.THINGS_DROPPED);
        try (var server = new AdminServer("127.0.0.1", 0, health, registry)) {
            assertThat(counters.value(Counted.THINGS_DROPPED)).isEqualTo(3);
            assertThat(get(server, "/metrics"))
                    .startsWith("200 ")
                    .contains("# HELP switchboard_things_dropped_total A thing was dropped.")
                    .contains("switchboard_things_dropped_total 3.0")
                    .contains("jvm_memory_used_bytes");
        }
    }

    @Test
    void processAddsItsOwnRoutes() throws Exception {
        try (var server =
                new AdminServer(
                        "127.0.0.1",
                        0,
                        null,
                        health,
                        Metrics.registry(),
                        routing -> routing.get("/own", (_, response) -> response.send("mine")))) {
            assertThat(get(server, "/own")).isEqualTo("200 mine");
        }
    }

    @Test
    void withAToken_onlyLiveAndReadyAreOpen(@TempDir Path folder) throws Exception {
        var token = AdminToken.read(Files.writeString(folder.resolve("t"), "0123456789abcdef\n"));
        var health = new Health();
        try (var server =
                new AdminServer("127.0.0.1", 0, token, health, Metrics.registry(), _ -> {})) {
            assertThat(get(server, "/live")).startsWith("200 ");
            assertThat(get(server, "/ready")).startsWith("200 ");
            for (var path : List.of("/metrics", "/health", "/live/../metrics", "/nothing")) {
                assertThat(get(server, path)).as(path).startsWith("401 ");
            }
            var url = "http://127.0.0.1:" + server.port();
            try (var known = new AdminClient(token);
                    var stranger = new AdminClient(null)) {
                assertThat(known.text(url, "/metrics")).doesNotContain("the admin token");
                assertThat(stranger.text(url, "/metrics")).contains("the admin token");
            }
        }
    }

    @Test
    void aTokenThatCanBeGuessed_isRefused(@TempDir Path folder) throws Exception {
        var file = Files.writeString(folder.resolve("t"), "admin");
        assertThatThrownBy(() -> AdminToken.read(file))
                .isInstanceOf(Unusable.class)
                .hasMessageContaining("16 visible characters");
    }

    @Test
    void portThatIsTaken_isASentence() {
        try (var server = new AdminServer("127.0.0.1", 0, health, Metrics.registry())) {
            var port = server.port();
            assertThatThrownBy(() -> new AdminServer("127.0.0.1", port, health, Metrics.registry()))
                    .isInstanceOf(Failure.class)
                    .hasMessageContaining("--admin-port: cannot listen on 127.0.0.1:" + port);
        }
    }

    private static String get(AdminServer server, String path) throws Exception {
        var request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                        .build();
        try (var client = HttpClient.newHttpClient()) {
            var response = client.send(request, HttpResponse.BodyHandlers.ofString());
            return response.statusCode() + " " + response.body();
        }
    }
}
