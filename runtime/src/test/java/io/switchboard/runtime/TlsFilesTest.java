package io.switchboard.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.helidon.webserver.http.HttpRouting;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsFilesTest {
    @TempDir Path folder;

    private void write(String cert, String key) throws IOException {
        copy(cert + ".crt", "tls.crt");
        copy(key + ".key", "tls.key");
    }

    private void copy(String resource, String file) throws IOException {
        try (var in = TlsFilesTest.class.getResourceAsStream("tls/" + resource)) {
            Files.copy(
                    Objects.requireNonNull(in),
                    folder.resolve(file),
                    StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private TlsFiles open() {
        return TlsFiles.open(folder.resolve("tls.crt"), folder.resolve("tls.key"));
    }

    /// The name in the certificate that a new client is shown.
    private static String shown(int port, String... protocols) throws Exception {
        var context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new TrustsAll()}, null);
        try (var socket =
                (SSLSocket)
                        context.getSocketFactory()
                                .createSocket(InetAddress.getLoopbackAddress(), port)) {
            if (protocols.length > 0) {
                socket.setEnabledProtocols(protocols);
            }
            socket.startHandshake();
            var shown = (X509Certificate) socket.getSession().getPeerCertificates()[0];
            return shown.getSubjectX500Principal().getName();
        }
    }

    @Test
    void frontDoor_showsTheCertificateOfNow() throws Exception {
        write("one", "one");
        try (var tls = open()) {
            var routing = HttpRouting.builder().get("/", (_, response) -> response.send("x"));
            var server = HttpPort.open("--port", "127.0.0.1", 0, tls, routing);
            try {
                assertThat(shown(server.port())).isEqualTo("CN=one");
                assertThat(shown(server.port(), "TLSv1.2")).isEqualTo("CN=one");
                assertThatThrownBy(() -> shown(server.port(), "TLSv1.1"))
                        .isInstanceOf(SSLException.class);

                write("two", "one");
                tls.check();
                assertThat(shown(server.port())).as("half written").isEqualTo("CN=one");
                write("rsa", "rsa");
                tls.check();
                assertThat(shown(server.port())).isEqualTo("CN=rsa");
                assertThat(shown(server.port(), "TLSv1.2")).isEqualTo("CN=rsa");
                Files.delete(folder.resolve("tls.key"));
                tls.check();
                assertThat(shown(server.port())).isEqualTo("CN=rsa");
            } finally {
                server.stop();
            }
        }
    }

    @Test
    void whatDoesNotFit_isNamed() throws Exception {
        write("one", "two");
        assertThatThrownBy(this::open)
                .isInstanceOf(Unusable.class)
                .hasMessageContaining("tls.key' is not the key of");
        write("one", "rsa");
        assertThatThrownBy(this::open).hasMessageContaining("an unencrypted EC key in PEM");
        copy("one.key", "tls.crt");
        assertThatThrownBy(this::open).hasMessageContaining("certificates in PEM");
    }

    private static final class TrustsAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
