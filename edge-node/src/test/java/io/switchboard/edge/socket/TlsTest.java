package io.switchboard.edge.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.runtime.TlsFiles;
import io.switchboard.schemas.Address;
import java.io.IOException;
import java.net.InetAddress;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
    private static final Address.Agent ADA = new Address.Agent("desk", "ada");

    @TempDir Path folder;

    private TlsFiles files;
    private EdgeInProcess edge;

    @BeforeEach
    void open() throws IOException {
        certify("one");
        files = TlsFiles.open(folder.resolve("tls.crt"), folder.resolve("tls.key"));
        edge = new EdgeInProcess(SocketSettings.DEFAULTS, files);
    }

    @AfterEach
    void close() {
        edge.close();
        files.close();
    }

    private void certify(String name) throws IOException {
        for (var ending : new String[] {".crt", ".key"}) {
            try (var in = resource(name + ending)) {
                Files.copy(
                        Objects.requireNonNull(in),
                        folder.resolve("tls" + ending),
                        StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private static java.io.InputStream resource(String name) {
        return TlsTest.class.getResourceAsStream("/io/switchboard/edge/tls/" + name);
    }

    /// Trusts both certificates, and checks the host's name as a browser does.
    private static SSLContext trusting() throws Exception {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        for (var name : new String[] {"one", "two"}) {
            try (var in = resource(name + ".crt")) {
                store.setCertificateEntry(
                        name, CertificateFactory.getInstance("X.509").generateCertificate(in));
            }
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private Browser browser(String agent) throws Exception {
        var browser = Browser.open(HttpClient.newBuilder().sslContext(trusting()).build(), edge);
        browser.awaitEvent("CONNECT");
        browser.say("{\"event\":\"CONNECT\",\"data\":{\"client_token\":\"" + agent + "\"}}");
        browser.awaitEvent("ONLINE");
        return browser;
    }

    private String shown() throws Exception {
        try (var socket =
                (SSLSocket)
                        trusting()
                                .getSocketFactory()
                                .createSocket(
                                        InetAddress.getLoopbackAddress(), edge.server.port())) {
            socket.startHandshake();
            var shown = (X509Certificate) socket.getSession().getPeerCertificates()[0];
            return shown.getSubjectX500Principal().getName();
        }
    }

    @Test
    void aNewCertificate_isShownToNewcomers_andThrowsNobodyOut() throws Exception {
        var ada = browser("ada");
        edge.send(ADA, "before");
        assertThat(ada.awaitText()).isEqualTo("before");
        assertThat(shown()).isEqualTo("CN=one");

        certify("two");
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(shown()).isEqualTo("CN=two"));

        edge.send(ADA, "after");
        assertThat(ada.awaitText()).isEqualTo("after");
        assertThat(ada.closed).isNotDone();
        assertThat(browser("bob").closed).isNotDone();
    }

    @Test
    void whoSpeaksNoTls_isNotAnswered() throws Exception {
        try (var plain = RawSocket.open(edge)) {
            plain.write(RawSocket.upgrade(""));
            assertThat(plain.isClosedByThem()).isTrue();
        }
        Awaitility.await().until(() -> edge.server.connections() == 0);
    }

    @Test
    void aLargeEvent_arrivesWhole() throws Exception {
        var ada = browser("ada");
        var text = "x".repeat(200_000);
        edge.send(ADA, text);
        assertThat(ada.awaitText()).isEqualTo(text);
        Awaitility.await().until(() -> edge.server.queuedBytes() == 0);
    }
}
