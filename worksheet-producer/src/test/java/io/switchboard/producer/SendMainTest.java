package io.switchboard.producer;

import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.switchboard.runtime.Cli;
import io.switchboard.runtime.HttpPort;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SendMainTest {
    @TempDir Path folder;
    private final List<String> posted = new ArrayList<>();
    private final Queue<String> states = new ConcurrentLinkedQueue<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final StringWriter err = new StringWriter();
    private int status = 202;
    private String answer = "{\"ids\":[\"i1\"]}";
    private String in = "";
    private WebServer server;

    @BeforeEach
    void start() {
        var routing = HttpRouting.builder();
        routing.get(
                "/events/{id}",
                (request, response) -> {
                    assertThat(request.headers().first(HeaderNames.AUTHORIZATION))
                            .hasValue("Bearer " + Fixture.TOKEN);
                    response.header(HeaderNames.CONTENT_TYPE, "application/json")
                            .send("{\"state\":\"%s\"}".formatted(states.remove()));
                });
        routing.post(
                "/worksheet/{rest}",
                (request, response) -> {
                    posted.add(request.content().as(String.class));
                    response.status(status)
                            .header(HeaderNames.CONTENT_TYPE, "application/json")
                            .send(answer);
                });
        server = HttpPort.open("--port", "127.0.0.1", 0, routing);
    }

    @AfterEach
    void stop() {
        server.stop();
    }

    @Test
    void toSomebody_isTheSeedsEnvelope_byDefault() {
        assertThat(send("--to", Fixture.UUID)).isZero();

        assertThat(posted)
                .containsExactly(
                        "{\"data\":[{\"uuid\":\"%s\",\"data\":{\"type\":\"new_worksheet_to_deal\",\"infos\":\"你有一条新工单待处理\"}}],\"url\":\"/worksheet/send-message\",\"chat_token\":\"sdfd3sdfsd3324cx\"}"
                                .formatted(Fixture.UUID));
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualToIgnoringNewLines("i1");
    }

    @Test
    void everyFlag_hasItsField() {
        assertThat(
                        send(
                                "--role",
                                "boss",
                                "--data",
                                "[1]",
                                "--id",
                                "x",
                                "--ttl",
                                "60",
                                "--deliver-at",
                                "2026-01-01T00:00:00Z",
                                "--token",
                                "t",
                                "--url",
                                "/worksheet/other"))
                .isZero();
        assertThat(posted)
                .containsExactly(
                        "{\"data\":[{\"role\":\"boss\",\"id\":\"x\",\"ttl\":60,\"deliver_at\":\"2026-01-01T00:00:00Z\",\"data\":[1]}],\"url\":\"/worksheet/other\",\"chat_token\":\"t\"}");
    }

    @Test
    void linesOnStandardInput_areSentOneByOne_andPrintedAsJson() {
        in = "{\"data\":[{\"all\":true,\"data\":1}]}\n\n{\"chat_token\":\"t\",\"data\":[]}\n";

        assertThat(send("--file", "-", "--json")).isZero();

        assertThat(posted).hasSize(2);
        assertThat(posted.get(1)).contains("\"chat_token\":\"t\"");
        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualToIgnoringNewLines("{\"ids\":[\"i1\"]}{\"ids\":[\"i1\"]}");
    }

    @Test
    void lineThatIsNotJson_isNamed_andWhatCameBeforeWasSent() {
        in = "{\"data\":[]}\n{oops\n";

        assertThat(send("--file", "-")).isEqualTo(1);

        assertThat(posted).hasSize(1);
        assertThat(err.toString()).contains("standard input: line 2: ").hasLineCount(1);
    }

    @Test
    void file_isRead() throws Exception {
        var file = folder.resolve("envelope.json");
        Files.writeString(file, Fixture.SEED);

        assertThat(send("--file", file.toString())).isZero();
        assertThat(posted).hasSize(1);
        assertThat(send("--file", "/not/there")).isEqualTo(2);
        assertThat(err.toString()).contains("--file: '/not/there' cannot be read");
    }

    @Test
    void await_waitsForTheAcknowledgement() {
        states.addAll(List.of("accepted", "stored", "acknowledged"));

        assertThat(send("--to", "a", "--await", "--json")).isZero();

        assertThat(states).isEmpty();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualToIgnoringNewLines("{\"ids\":[\"i1\"],\"acknowledged\":true}");
    }

    @Test
    void eventThatEndsOtherwise_isCode1() {
        states.add("expired");

        assertThat(send("--to", "a", "--await", "5", "--json")).isEqualTo(1);
        assertThat(err.toString()).contains("event i1 was expired");
        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualToIgnoringNewLines("{\"ids\":[\"i1\"],\"acknowledged\":false}");
    }

    @Test
    void refusal_isOneSentence_andCode1() {
        status = 422;
        answer = "{\"title\":\"Fields are wrong\",\"detail\":\"/data/0/uuid: 7 (expected: x)\"}";

        assertThat(send("--to", "a")).isEqualTo(1);
        assertThat(err.toString())
                .isEqualToIgnoringNewLines(
                        "send: refused with 422 Fields are wrong: /data/0/uuid: 7 (expected: x)");
    }

    @Test
    void nobodyToSendTo_andWrongValues_areCode2() {
        assertThat(send()).isEqualTo(2);
        assertThat(err.toString()).contains("to whom? (expected: --to UUID");
        assertThat(send("--to", "a", "--data", "{")).isEqualTo(2);
        assertThat(send("--to", "a,b", "--id", "x")).isEqualTo(2);
        assertThat(send("--to", "a", "--await", "0")).isEqualTo(2);
        assertThat(send("--all", "--file", "-")).isEqualTo(2);
        assertThat(posted).isEmpty();
    }

    @Test
    void doorThatIsShut_isOneSentence_andCode1() {
        int port = server.port();
        server.stop();

        assertThat(send("--to", "a", "--front", "http://127.0.0.1:" + port)).isEqualTo(1);
        assertThat(err.toString()).contains("does not answer").hasLineCount(1);
    }

    private int send(String... flags) {
        out.reset();
        err.getBuffer().setLength(0);
        var command =
                new SendMain(
                        new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)),
                        new PrintStream(out, true, StandardCharsets.UTF_8));
        var all = new ArrayList<>(List.of(flags));
        if (server.isRunning()) {
            all.addAll(List.of("--front", "http://127.0.0.1:" + server.port()));
        }
        return Cli.line(command, Map.of())
                .setErr(new PrintWriter(err))
                .execute(all.toArray(String[]::new));
    }
}
