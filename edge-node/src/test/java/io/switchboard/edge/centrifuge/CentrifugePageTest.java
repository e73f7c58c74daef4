package io.switchboard.edge.centrifuge;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.schemas.Address;
import io.switchboard.schemas.CloseCode;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Position;
import io.switchboard.schemas.ServerFrames;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// What docs/centrifuge.md shows is what the code writes and reads.
class CentrifugePageTest {
    private static final Path GOLDEN = Path.of("../schemas/src/test/resources/golden");
    private static final Address.Agent ADA = new Address.Agent("helpdesk", "ada");
    private static final Replies.Expiry EXPIRY = new Replies.Expiry(3570L);

    private final String page = read(Path.of("../docs/centrifuge.md"));

    private static String read(Path file) {
        try {
            return Files.readString(file).stripTrailing();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String golden(String name) {
        return read(GOLDEN.resolve("centrifuge-" + name + ".json"));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Command command(String golden) {
        return Command.parse(bytes(golden(golden)));
    }

    private static void isWritten(String golden, byte[] reply) {
        assertThat(new String(reply, StandardCharsets.UTF_8)).isEqualTo(golden(golden));
    }

    @Test
    void whatAClientSays_isUnderstood() {
        assertThat(command("connect"))
                .isEqualTo(
                        new Command.Connect(
                                1,
                                "<token>",
                                Map.of("agent:helpdesk/ada", new Command.Place("aB3_-x.7", 42))));
        assertThat(command("ping")).isEqualTo(new Command.Pong());
        assertThat(command("ack"))
                .isEqualTo(new Command.Rpc(2, "ack", Json.object().put("agent", "aB3_-x.7.42")));
        assertThat(command("publish"))
                .isEqualTo(
                        new Command.Publish(
                                3, "agent:helpdesk/ada", Json.object().put("type", "seen")));
        assertThat(command("rpc-publish")).isInstanceOf(Command.Rpc.class);
        assertThat(command("subscribe")).isEqualTo(new Command.Subscribe(5));
        assertThat(command("refresh")).isEqualTo(new Command.Refresh(6, "<newer token>"));
    }

    @Test
    void whatItIsTold_isWrittenSo() {
        var data =
                Json.object()
                        .put("agent", "helpdesk/ada")
                        .put("role", "second-line")
                        .put("unread", 3);
        var role = new Address.Role("helpdesk", "second-line");
        isWritten(
                "connected",
                Replies.connected(
                        1,
                        "c-1",
                        EXPIRY,
                        data,
                        List.of(
                                new Replies.Sub(ADA, Position.parse("aB3_-x.7.41"), true, true),
                                new Replies.Sub(role, Position.parse("aB3_-x.1.-1"), false, true),
                                new Replies.Sub(
                                        new Address.App("helpdesk"),
                                        Position.parse("aB3_-x.3.6"),
                                        false,
                                        true)),
                        25));
        isWritten(
                "publication",
                bytes(
                        Replies.beforeData(ADA, 42)
                                + read(GOLDEN.resolve("event.json"))
                                + Replies.AFTER_DATA));
        isWritten("ping", Replies.PING);
        isWritten("acked", Replies.answered(2, Json.object()));
        isWritten("published", Replies.done(3, "publish"));
        isWritten("rpc-published", Replies.answered(4, Json.object().put("id", "p-1")));
        isWritten("denied", Replies.failed(5, Failure.PERMISSION_DENIED));
        isWritten("refreshed", Replies.refreshed(6, "c-1", EXPIRY));
        var through = Position.parse("aB3_-x.7.40");
        isWritten(
                "lost",
                Replies.lost(
                        ADA,
                        through,
                        new ServerFrames.Lost("agent", 2, 0, false, false, through).data()));
    }

    @Test
    void aPlaceInAChannel_isAPosition_thereAndBack() {
        var place = new Command.Place("aB3_-x.7", 42);
        var position = ChannelPosition.position(place);
        assertThat(position).isEqualTo(Position.parse("aB3_-x.7.41"));
        assertThat(ChannelPosition.epoch(position)).isEqualTo(place.epoch());
        assertThat(ChannelPosition.offset(position)).isEqualTo(place.offset());
    }

    @Test
    void everyLineOfThePage_isAGoldenFile_andEveryGoldenFileIsThere() throws IOException {
        var lines =
                Pattern.compile("^(?:client|edge) +(\\{.*)$", Pattern.MULTILINE)
                        .matcher(page)
                        .results()
                        .map(it -> it.group(1))
                        .distinct()
                        .toList();
        try (var files = Files.list(GOLDEN)) {
            var golden =
                    files.filter(
                                    it ->
                                            Objects.requireNonNull(it.getFileName())
                                                    .toString()
                                                    .startsWith("centrifuge-"))
                            .flatMap(it -> read(it).lines())
                            .toList();
            assertThat(lines).containsExactlyInAnyOrderElementsOf(golden);
        }
    }

    @Test
    void theTableOfCodes_isWhatIsWritten() {
        var rows =
                Pattern.compile("^\\| (4\\d{3}) [^|]+\\| (\\d{4} [^|]+) \\|$", Pattern.MULTILINE)
                        .matcher(page)
                        .results()
                        .toList();
        assertThat(rows).isNotEmpty();
        for (var row : rows) {
            var ours = Objects.requireNonNull(CloseCode.of(Integer.parseInt(row.group(1))));
            var theirs = Disconnect.of(ours);
            assertThat(theirs.code() + " " + theirs.reason()).isEqualTo(row.group(2));
        }
        for (var ours : CloseCode.values()) {
            boolean listed = rows.stream().anyMatch(it -> it.group(1).equals("" + ours.code()));
            assertThat(Disconnect.of(ours).code() != ours.code()).as(ours.name()).isEqualTo(listed);
        }
    }
}
