package io.switchboard.systemtests.harness;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Receipt;
import io.switchboard.schemas.Target;
import io.switchboard.schemas.Topics;
import io.switchboard.systemtests.DeliveryChecker;
import io.switchboard.systemtests.History;
import io.switchboard.systemtests.SdkModel;
import io.switchboard.systemtests.Verdict;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// One test's part of a system: an app of its own, its people and its history.
///
/// Thread-safe.
public final class Stage implements AutoCloseable {
    private final SwitchboardSystem system;
    private final TestApp app;
    private final FrontDoor frontDoor;
    private final History history = new History(InstantSource.system());
    private final Map<String, Browser> browsers = new ConcurrentHashMap<>();
    private final AtomicInteger turns = new AtomicInteger();

    private Stage(SwitchboardSystem system) {
        this.system = system;
        this.app = system.newApp();
        this.frontDoor = new FrontDoor(system.frontDoorUrl());
    }

    public static Stage on(SwitchboardSystem system) {
        return new Stage(system);
    }

    public static Stage shared() {
        return on(SwitchboardSystem.shared());
    }

    public SwitchboardSystem system() {
        return system;
    }

    public TestApp app() {
        return app;
    }

    public History history() {
        return history;
    }

    public FrontDoor frontDoor() {
        return frontDoor;
    }

    // --- browsers

    /// The first tab of this person; connects to any edge node, after a loss to the next one.
    public Browser browser(String uuid, String... roles) {
        return browser(uuid, uuid, Browser.Habits.SDK, roles);
    }

    /// One of several tabs of a person.
    public Browser tab(String name, String uuid, String... roles) {
        return browser(name, uuid, Browser.Habits.SDK, roles);
    }

    public Browser browser(String name, String uuid, Browser.Habits habits, String... roles) {
        return open(page(name, uuid, roles), anyEdge(), habits);
    }

    /// A browser that finds edge nodes by these addresses, not by the system's own list.
    public Browser browserVia(IntFunction<URI> urls, String name, String uuid, String... roles) {
        return open(page(name, uuid, roles), urls, Browser.Habits.SDK);
    }

    public Browser browserAt(Node edge, String name, String uuid, String... roles) {
        var url = SwitchboardSystem.webSocketUrl(edge);
        return open(page(name, uuid, roles), _ -> url, Browser.Habits.SDK);
    }

    /// Somebody who shows this instead of a good token.
    public Browser browserWithToken(String name, String clientToken) {
        var page = SdkModel.fresh(name, app.agent(name), Set.of(), clientToken, history);
        return open(page, anyEdge(), Browser.Habits.SDK);
    }

    SdkModel page(String name, String uuid, String... roles) {
        return SdkModel.fresh(
                name, app.agent(uuid), Set.of(roles), app.clientToken(uuid, roles), history);
    }

    /// Each browser begins at another edge node, and goes on to the next at each attempt.
    private IntFunction<URI> anyEdge() {
        int first = turns.getAndIncrement();
        var edges = system.edges();
        return turn -> SwitchboardSystem.webSocketUrl(edges.get((first + turn) % edges.size()));
    }

    private Browser open(SdkModel page, IntFunction<URI> edges, Browser.Habits habits) {
        var browser = new Browser(page.page(), page, edges, habits);
        if (browsers.put(page.page(), browser) != null) {
            throw new IllegalArgumentException(
                    "browser '%s' is open already".formatted(page.page()));
        }
        return browser;
    }

    /// Many people who begin at the first of these edge nodes; not connected yet.
    public Herd herd(List<Node> edges, int count) {
        return new Herd(
                edges.stream().map(SwitchboardSystem::webSocketUrl).toList(),
                count,
                name -> page(name, name));
    }

    /// The same, at one address, with tokens of another maker.
    public Herd herd(URI edge, int count, UnaryOperator<String> tokenOf) {
        return new Herd(
                List.of(edge),
                count,
                name ->
                        SdkModel.fresh(
                                name, app.agent(name), Set.of(), tokenOf.apply(name), history));
    }

    public Browser browserOf(String name) {
        return Objects.requireNonNull(browsers.get(name), name);
    }

    /// The edge node that this browser is connected to.
    public Node edgeNodeOf(String name) {
        var url = Objects.requireNonNull(browserOf(name).edge(), name);
        return system.edges().stream()
                .filter(edge -> edge.port() == url.getPort())
                .findFirst()
                .orElseThrow();
    }

    /// Until so many events wait for this person; nobody's page is told.
    public void awaitUnread(String uuid, long count) {
        long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        long found = 0;
        while (found < count) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(
                        "%d events were expected to wait for %s, there are %d"
                                .formatted(count, uuid, found));
            }
            var name = "asking-%s-%d".formatted(uuid, turns.get());
            try (var asking = browser(name, uuid, new Browser.Habits(true, false)).connect()) {
                found = asking.unread();
            }
        }
    }

    // --- producers

    /// One event a text, to one agent, each by a POST of its own.
    public List<String> send(String uuid, String... texts) {
        return Arrays.stream(texts).map(text -> post(new Target.ToAgent(uuid), text)).toList();
    }

    public String sendToRole(String role, String text) {
        return post(new Target.ToRole(role), text);
    }

    public String sendToAll(String text) {
        return post(new Target.ToAll(), text);
    }

    private String post(Target.To to, String text) {
        return post(List.of(Map.entry(to, text))).getFirst();
    }

    /// One POST for several targets.
    public List<String> post(List<Map.Entry<Target.To, String>> targets) {
        var answer = frontDoor.post(envelope(targets), null);
        if (!answer.accepted()) {
            throw new AssertionError("202 was expected, the answer was " + answer);
        }
        var ids = answer.ids();
        IntStream.range(0, ids.size())
                .forEach(i -> promised(ids.get(i), targets.get(i).getKey().in(app.name())));
        return ids;
    }

    public byte[] envelope(List<Map.Entry<Target.To, String>> targets) {
        return Json.bytes(envelope(TestApp.URL, targets));
    }

    public ObjectNode envelope(String url, List<Map.Entry<Target.To, String>> targets) {
        return envelope(app, url, targets);
    }

    public static ObjectNode envelope(
            TestApp app, String url, List<Map.Entry<Target.To, String>> targets) {
        var envelope = Json.object().put("url", url).put("chat_token", app.chatToken());
        var data = envelope.putArray("data");
        for (var each : targets) {
            var target = data.addObject();
            switch (each.getKey()) {
                case Target.ToAgent(var uuid) -> target.put("uuid", uuid);
                case Target.ToRole(var role) -> target.put("role", role);
                case Target.ToAll() -> target.put("all", true);
            }
            target.set("data", payload(each.getValue()));
        }
        return envelope;
    }

    public static ObjectNode payload(String text) {
        return Json.object().put("type", "new_worksheet_to_deal").put("infos", text);
    }

    /// One event to one agent that need not arrive.
    public String sendUnpromised(String uuid, String text) {
        var answer =
                frontDoor.post(envelope(List.of(Map.entry(new Target.ToAgent(uuid), text))), null);
        if (!answer.accepted()) {
            throw new AssertionError("202 was expected, the answer was " + answer);
        }
        var id = answer.ids().getFirst();
        history.add(new History.Produced(id, app.agent(uuid)));
        return id;
    }

    /// Says to the history that this event is out and kept.
    public void promised(String id, Address address) {
        history.add(new History.Produced(id, address));
        history.add(new History.Promised(id));
    }

    // --- what became of it

    /// The receipts of this stage's events so far, by event id; they go into the history.
    public Map<String, List<Receipt>> receipts(Duration quiet) {
        var receipts = new LinkedHashMap<String, List<Receipt>>();
        try (var reader = new TopicReader(system.infra().kafka(), Topics.RECEIPTS)) {
            while (!reader.poll(quiet).isEmpty()) {
                // until it is quiet
            }
            for (var record : reader.seen()) {
                var receipt = Receipt.decode(record.value());
                receipts.computeIfAbsent(receipt.id(), _ -> new ArrayList<>()).add(receipt);
                history.add(new History.Receipted(receipt));
            }
        }
        return receipts;
    }

    public Verdict verdict() {
        return DeliveryChecker.withoutReceipts().judge(history);
    }

    /// Waits until that became of the event, and notes it in the history.
    public void awaitReceipt(String id, Receipt.Kind kind) {
        try (var receipts = new TopicReader(system.infra().kafka(), Topics.RECEIPTS)) {
            var record =
                    receipts.await(
                            "%s receipt of %s".formatted(kind, id),
                            it -> {
                                var receipt = Receipt.decode(it.value());
                                return receipt.id().equals(id) && receipt.kind() == kind;
                            });
            history.add(new History.Receipted(Receipt.decode(record.value())));
        }
    }

    /// Fails with the verdict unless every promise was kept.
    public void assertPromisesKept() {
        var verdict = verdict();
        if (!verdict.ok()) {
            throw new AssertionError(verdict.toString());
        }
    }

    @Override
    public void close() {
        browsers.values().parallelStream().forEach(Browser::close);
    }
}
