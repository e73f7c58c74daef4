package io.switchboard.inbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.schemas.LaneId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A Redis that speaks TLS with a certificate of a private authority.
class RedisTlsTest {
    @TempDir Path folder;

    private Path file(String name) throws IOException {
        var file = folder.resolve(name);
        try (var in = RedisTlsTest.class.getResourceAsStream("tls/" + name)) {
            Files.copy(Objects.requireNonNull(in), file);
        }
        return file;
    }

    @Test
    void aPrivateAuthority_isTrustedWhereItIsNamed_andNoOther() throws Exception {
        int port = RedisProcess.freePort();
        var known = file("one.crt");
        try (var _ =
                RedisProcess.launch(
                        "--tls-port",
                        "" + port,
                        "--tls-cert-file",
                        known.toString(),
                        "--tls-key-file",
                        file("one.key").toString(),
                        "--tls-auth-clients",
                        "no")) {
            var url = "rediss://127.0.0.1:" + port;
            try (var inbox = RedisInbox.connect(List.of(url + "?ca=" + known))) {
                assertThat(TestLane.await(inbox.lane(new LaneId("tagtag", 1))).fence()).isNull();
            }
            for (var stranger : List.of(url, url + "?ca=" + file("two.crt"))) {
                assertThatThrownBy(
                                () ->
                                        RedisConnection.connect(
                                                RedisUrls.of(List.of(stranger)),
                                                RedisLibrary.load(),
                                                Duration.ZERO))
                        .isInstanceOf(InboxAway.class);
            }
        }
    }

    @Test
    void aFileThatIsNone_andACaWithoutTls_areNamed() {
        assertThatThrownBy(() -> RedisInbox.connect(List.of("rediss://h:1?ca=/nowhere")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("redis: ca=/nowhere (expected: a file of certificates in PEM)");
        assertThatThrownBy(() -> RedisInbox.connect(List.of("redis://h:1?ca=/nowhere")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(expected: redis[s]://");
    }
}
