package io.switchboard.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.switchboard.runtime.HttpPort;
import io.switchboard.schemas.Json;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConsoleTest {
    private final List<List<String>> asked = new ArrayList<>();
    private final HttpClient client = HttpClient.newHttpClient();
    private final WebServer server = open();

    private WebServer open() {
        var tools =
                new ToolBox(Map.of(), _ -> null) {
                    @Override
                    ObjectNode run(List<String> command, String... operands) {
                        var all = new ArrayList<>(command);
                        all.addAll(List.of(operands));
                        asked.add(all);
                        return Json.object().put("code", 0);
                    }
                };
        var routing = HttpRouting.builder();
        new Console(tools, "secret").routing(routing);
        return HttpPort.open("--port", "127.0.0.1", 0, routing);
    }

    @AfterEach
    void stop() {
        client.close();
        server.stop();
    }

    @Test
    void thePage_isServedToAnybody_andMayRunNothingOfOthers() throws Exception {
        for (var path : List.of("/", "/console.js", "/console.css", "/icon.svg")) {
            var answer = send(request(path, "").GET());
            assertThat(answer.statusCode()).as(path).isEqualTo(200);
            assertThat(answer.headers().firstValue("Content-Security-Policy").orElse(""))
                    .contains("default-src 'none'", "script-src 'self'");
        }
        assertThat(asked).isEmpty();
    }

    @Test
    void withoutTheToken_nothingIsAsked_andNothingDone() throws Exception {
        for (var token : List.of("", "Bearer ", "Bearer secre", "secret", "Bearer secret2")) {
            assertThat(send(request("/api/edges", token).GET()).statusCode()).isEqualTo(401);
            assertThat(post("/api/drain", token, "{\"edge\":\"edge-1\"}").statusCode())
                    .isEqualTo(401);
        }
        assertThat(asked).isEmpty();
    }

    @Test
    void eachQuestion_isOneTool() throws Exception {
        var token = "Bearer secret";
        send(request("/api/edges", token).GET());
        send(request("/api/dead-letters", token).GET());
        post("/api/trace", token, "{\"id\":\"w-1\"}");
        post("/api/drain", token, "{\"edge\":\"edge-1\"}");
        post("/api/dead-letters/drop", token, "{\"key\":\"k\",\"reason\":\"old --all\"}");

        assertThat(asked)
                .containsExactly(
                        List.of("edges"),
                        List.of("dead-letters", "list"),
                        List.of("trace", "--since", "24h", "w-1"),
                        List.of("drain", "--within", "0s", "edge-1"),
                        List.of("dead-letters", "drop", "--reason=old --all", "k"));
    }

    @Test
    void whatIsMissing_isNotAsked() throws Exception {
        var token = "Bearer secret";
        for (var body : List.of("", "[]", "{}", "{\"key\":\"k\"}", "{\"reason\":\"r\"}")) {
            assertThat(post("/api/dead-letters/drop", token, body).statusCode()).isEqualTo(400);
        }
        assertThat(asked).isEmpty();
    }

    @Test
    void whatComesFromOutside_isNeverAFlag_norTheNameOfAFile(@TempDir Path folder)
            throws Exception {
        var file = Files.writeString(folder.resolve("flags"), "--version");
        var tools = new ToolBox(Map.of(), _ -> null);

        for (var operand : List.of("--help me", "@" + file)) {
            // No such edge is possible: the tool reads the name, and refuses it.
            var said = tools.run(List.of("block"), operand);
            assertThat(said.path("code").asInt()).as(operand).isNotZero();
            assertThat(said.path("error").asText()).contains(operand);
        }
    }

    private HttpRequest.Builder request(String path, String authorization) {
        var uri = URI.create("http://127.0.0.1:" + server.port() + path);
        var request = HttpRequest.newBuilder(uri);
        return authorization.isEmpty() ? request : request.header("Authorization", authorization);
    }

    private HttpResponse<String> post(String path, String authorization, String body)
            throws Exception {
        return send(request(path, authorization).POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
