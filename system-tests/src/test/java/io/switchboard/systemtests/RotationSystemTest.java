package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.switchboard.quickstart.JavaModule;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Target;
import io.switchboard.systemtests.harness.FrontDoor;
import io.switchboard.systemtests.harness.Herd;
import io.switchboard.systemtests.harness.LoginSystem;
import io.switchboard.systemtests.harness.Node;
import io.switchboard.systemtests.harness.Stage;
import io.switchboard.systemtests.harness.TestApp;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Certificate, login keys and producers' tokens are replaced while events flow: nothing is lost,
/// nobody who is connected notices, newcomers need the new ones.
class RotationSystemTest {
    private static final int BROWSERS = Integer.getInteger("rotation.browsers", 200);
    private static final int TARGETS_A_POST = 20;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Path CERTIFICATES =
            Path.of("../edge-node/src/test/resources/io/switchboard/edge/tls");
    private static final LoginSystem.Key OLD_KEY = LoginSystem.newKey("2026-10");
    private static final LoginSystem.Key NEW_KEY = LoginSystem.newKey("2026-11");
    private static final String NEW_TOKEN = "another-chat-token";

    @TempDir Path folder;

    private final Stage system = Stage.shared();
    private final LoginSystem login = new LoginSystem();
    private final int[] sent = new int[BROWSERS];
    private final AtomicReference<String> chatToken =
            new AtomicReference<>(system.app().chatToken());
    private final AtomicReference<FrontDoor.Answer> refused = new AtomicReference<>();
    private String appsBefore;
    private Node edge;

    @BeforeEach
    void open() throws IOException {
        appsBefore = Files.readString(system.system().appsFile());
        login.show(OLD_KEY);
        system.system().writeApps(apps(system.app().chatToken()));
        certify("one");
        edge =
                system.system()
                        .startMore(
                                JavaModule.EDGE,
                                "edge-tls",
                                "--tls-cert",
                                folder.resolve("tls.crt").toString(),
                                "--tls-key",
                                folder.resolve("tls.key").toString());
    }

    @AfterEach
    void leave() {
        system.close();
        edge.close();
        login.close();
        system.system().writeApps(appsBefore);
    }

    /// The apps file as it was, but for this app's login system and its producers' tokens.
    private String apps(String... tokens) {
        var app = system.app();
        var hashes = java.util.Arrays.stream(tokens).map(RotationSystemTest::sha256).toList();
        return appsBefore
                .replace("[" + sha256(app.chatToken()) + "]", hashes.toString())
                .replaceFirst(
                        "algorithm: HS256\n +secret: \"[^\"]* of %s\"".formatted(app.name()),
                        "algorithm: ES256\n      jwks: " + login.url());
    }

    private static String sha256(String text) {
        try {
            var digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /// Two files: for a moment they do not fit.
    private void certify(String name) throws IOException {
        for (var ending : List.of(".crt", ".key")) {
            Files.copy(
                    CERTIFICATES.resolve(name + ending),
                    folder.resolve("tls" + ending),
                    StandardCopyOption.REPLACE_EXISTING);
        }
    }

    @Test
    void certificateKeysAndTokens_replacedUnderLoad_loseNothing_andThrowNobodyOut()
            throws Exception {
        var url = URI.create("wss://127.0.0.1:%d/ws".formatted(edge.port()));
        var app = system.app().name();
        try (var herd = system.herd(url, BROWSERS, name -> LoginSystem.token(OLD_KEY, app, name));
                var flow = new Flow(herd.members().stream().map(Herd.Member::name).toList())) {
            herd.connect(PATIENCE);
            var since = herd.members().stream().map(Herd.Member::onlineSinceNanos).toList();
            flow.start();

            certify("two");
            await().atMost(PATIENCE).until(() -> certificateOf(edge.port()).contains("two"));

            system.system().writeApps(apps(system.app().chatToken(), NEW_TOKEN));
            await().atMost(PATIENCE).until(() -> isAccepted(NEW_TOKEN));
            chatToken.set(NEW_TOKEN);
            flow.awaitPosts(3); // no old token is under way
            system.system().writeApps(apps(NEW_TOKEN));
            await().atMost(PATIENCE).until(() -> !isAccepted(system.app().chatToken()));

            login.show(NEW_KEY);
            var newcomer =
                    system.browserWithToken("newcomer", LoginSystem.token(NEW_KEY, app, "newcomer"))
                            .connect();
            assertThat(newcomer.isOnline()).isTrue();
            flow.awaitPosts(3);
            flow.close();

            assertThat(refused.get()).isNull();
            herd.awaitReceived(sent, PATIENCE);
            assertThat(herd.members().stream().map(Herd.Member::onlineSinceNanos).toList())
                    .as("nobody was thrown out")
                    .isEqualTo(since);
            System.out.printf(
                    "MEASURED rotation: %,d events to %d browsers over TLS while certificate, keys and tokens were replaced: none lost, none thrown out%n",
                    IntStream.of(sent).sum(), BROWSERS);
        }
        system.assertPromisesKept();
    }

    private boolean isAccepted(String token) {
        var envelope = envelope(List.of("nobody"), "asks", token);
        return system.frontDoor().post(envelope, null).accepted();
    }

    private byte[] envelope(List<String> names, String text, String token) {
        var targets =
                names.stream()
                        .map(name -> Map.entry((Target.To) new Target.ToAgent(name), text))
                        .toList();
        return Json.bytes(system.envelope(TestApp.URL, targets).put("chat_token", token));
    }

    private static String certificateOf(int port) throws Exception {
        var context = SSLContext.getInstance("TLS");
        context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        try (var socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.startHandshake();
            return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
                    .getSubjectX500Principal()
                    .getName();
        }
    }

    /// POSTs, one after the other, to everybody in turn.
    private final class Flow implements AutoCloseable {
        private final List<String> names;
        private final AtomicBoolean over = new AtomicBoolean();
        private final Thread thread = Thread.ofVirtual().unstarted(this::run);
        private volatile int posts;

        Flow(List<String> names) {
            this.names = names;
        }

        void start() {
            thread.start();
        }

        void awaitPosts(int more) {
            int until = posts + more;
            await().atMost(PATIENCE).until(() -> posts >= until);
        }

        private void run() {
            for (int next = 0; !over.get(); next = (next + TARGETS_A_POST) % names.size()) {
                var to = new ArrayList<String>();
                for (int i = 0; i < TARGETS_A_POST; i++) {
                    int member = (next + i) % names.size();
                    to.add(names.get(member));
                    sent[member]++;
                }
                var answer =
                        system.frontDoor()
                                .post(envelope(to, "post " + posts, chatToken.get()), null);
                if (!answer.accepted()) {
                    refused.compareAndSet(null, answer);
                    return;
                }
                for (int i = 0; i < to.size(); i++) {
                    system.promised(
                            answer.ids().get(i), new Address.Agent(system.app().name(), to.get(i)));
                }
                posts++;
            }
        }

        @Override
        public void close() throws InterruptedException {
            over.set(true);
            thread.join();
        }
    }
}
