package io.switchboard.systemtests;

import io.switchboard.runtime.Cli;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Receipt;
import io.switchboard.schemas.Target;
import io.switchboard.schemas.Topics;
import io.switchboard.systemtests.harness.Browser;
import io.switchboard.systemtests.harness.Compose;
import io.switchboard.systemtests.harness.Stage;
import io.switchboard.systemtests.harness.TestApp;
import io.switchboard.systemtests.harness.TopicReader;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Runs docker-compose.yml, kills containers under a stream of events, and judges what browsers
/// saw.
@Command(
        name = "test --containers",
        mixinStandardHelpOptions = true,
        description =
                "docker-compose up, worksheets to agents on both edges, containers killed, verdict. Exit code 1 when a promise was broken.")
public final class ContainersMain implements Callable<Integer> {
    private static final Duration BETWEEN_EVENTS = Duration.ofMillis(20);
    private static final Duration CALM = Duration.ofSeconds(3);
    private static final Duration CATCH_UP = Duration.ofSeconds(90);
    private static final List<String> AGENTS = List.of("ada", "bob", "cyd", "dan");

    @Option(
            names = "--checkout",
            paramLabel = "DIR",
            defaultValue = ".",
            description = "Where docker-compose.yml lies (${DEFAULT-VALUE}).")
    private Path checkout = Path.of(".");

    @Option(
            names = "--logs",
            paramLabel = "DIR",
            defaultValue = "target/container-logs",
            description = "For compose's and the containers' output (${DEFAULT-VALUE}).")
    private Path logs = Path.of("target", "container-logs");

    private final History history = new History(InstantSource.system());
    private final AtomicInteger sent = new AtomicInteger();

    public ContainersMain() {}

    public static void main(String[] args) {
        Cli.main(new ContainersMain(), args);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (var compose = Compose.up(checkout.toAbsolutePath().normalize(), logs)) {
            var browsers = browsers(compose);
            try {
                browsers.forEach(Browser::connect);
                breakThings(compose);
                awaitAll(browsers);
                readReceipts();
            } finally {
                browsers.forEach(Browser::close);
            }
        }
        var verdict = DeliveryChecker.withoutReceipts().judge(history);
        System.out.println(verdict.toJson());
        return verdict.ok() ? Cli.DONE : Cli.FAILED;
    }

    /// Half of them begin on each edge; all know both.
    private List<Browser> browsers(Compose compose) {
        var browsers = new ArrayList<Browser>();
        var edges = compose.edges();
        for (int i = 0; i < AGENTS.size(); i++) {
            var uuid = AGENTS.get(i);
            int first = i;
            var page =
                    SdkModel.fresh(
                            uuid,
                            compose.app().agent(uuid),
                            Set.of(),
                            compose.app().clientToken(uuid),
                            history);
            browsers.add(Browser.of(page, turn -> edges.get((first + turn) % edges.size())));
        }
        return browsers;
    }

    private void breakThings(Compose compose) throws InterruptedException {
        var done = new AtomicBoolean();
        var producer = Thread.ofVirtual().name("producer").start(() -> produce(compose, done));
        Thread.sleep(CALM);
        for (var service : List.of("edge-1", "dispatcher", "redis", "producer")) {
            history.add(new History.Struck("kill " + service));
            compose.kill(service);
            Thread.sleep(CALM);
            compose.start(service);
            Thread.sleep(CALM);
        }
        history.add(new History.Struck("stop edge-2"));
        compose.stop("edge-2");
        compose.start("edge-2");
        List.of(9180, 9181, 9182, 9190).forEach(compose::awaitReady);
        Thread.sleep(CALM);
        done.set(true);
        producer.join();
    }

    /// One event for each agent in turn, each sent again until it is taken: the key makes it one.
    private void produce(Compose compose, AtomicBoolean done) {
        var door = compose.frontDoor();
        var app = compose.app();
        try {
            while (!done.get()) {
                for (var uuid : AGENTS) {
                    var key = "event-" + sent.incrementAndGet();
                    Address address = app.agent(uuid);
                    history.add(new History.Produced(key + "#0", address));
                    var envelope =
                            Stage.envelope(
                                    app,
                                    TestApp.URL,
                                    List.of(Map.entry(new Target.ToAgent(uuid), key)));
                    while (!door.post(Json.bytes(envelope), key).accepted()) {
                        Thread.sleep(BETWEEN_EVENTS);
                    }
                    history.add(new History.Promised(key + "#0"));
                    Thread.sleep(BETWEEN_EVENTS);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// The verdict names what did not come.
    private void awaitAll(List<Browser> browsers) {
        int last = sent.get() / AGENTS.size();
        try {
            browsers.forEach(each -> each.awaitReceived(last, CATCH_UP));
        } catch (AssertionError late) {
            System.err.println(late.getMessage());
        }
    }

    private void readReceipts() {
        try (var receipts = new TopicReader("127.0.0.1:9092", Topics.RECEIPTS)) {
            while (!receipts.poll(CALM).isEmpty()) {
                // until it is quiet
            }
            for (var record : receipts.seen()) {
                history.add(new History.Receipted(Receipt.decode(record.value())));
            }
        }
    }
}
