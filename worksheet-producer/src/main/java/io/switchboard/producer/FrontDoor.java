package io.switchboard.producer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.switchboard.inbox.InboxAway;
import io.switchboard.runtime.Apps;
import io.switchboard.runtime.LaneLayout;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.Envelope;
import io.switchboard.schemas.ErrorCode;
import io.switchboard.schemas.EventId;
import io.switchboard.schemas.Json;
import io.switchboard.schemas.Position;
import io.switchboard.schemas.Target;
import io.switchboard.schemas.TraceParent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// HTTP: `POST <a route's url>` puts events into Kafka, `GET /events/{id}` says what became of one,
/// `GET /agents/{app}/{uuid}` whether somebody is there and what they have not read.
///
/// 202 is said only once every event is on all in-sync replicas. Everything else is a [Refusal].
///
/// Thread-safe; a request runs on a virtual thread of its own, which may wait.
final class FrontDoor {
    private static final Logger LOG = LoggerFactory.getLogger(FrontDoor.class);
    private static final HeaderName IDEMPOTENCY_KEY = HeaderNames.create("Idempotency-Key");
    private static final List<String> TRACE = List.of(TraceParent.HEADER, TraceParent.STATE_HEADER);
    private static final String EVENTS = "/events/";
    private static final String AGENTS = "/agents/";
    private static final String JSON = "application/json";
    private static final String RETRY_SECONDS = "1";

    private final Supplier<Apps> apps;
    private final EventsSink sink;
    private final EventLookup lookup;
    private final @Nullable Supplier<Inboxes> inboxes;
    private final InstantSource clock;
    private final Admission admission;
    private final LaneLayout layout;
    private final Meters meters;

    /// @param inboxes null: this process does not know Redis
    FrontDoor(
            Supplier<Apps> apps,
            EventsSink sink,
            EventLookup lookup,
            @Nullable Supplier<Inboxes> inboxes,
            InstantSource clock,
            Admission admission,
            LaneLayout layout,
            Meters meters) {
        this.apps = apps;
        this.sink = sink;
        this.lookup = lookup;
        this.inboxes = inboxes;
        this.clock = clock;
        this.admission = admission;
        this.layout = layout;
        this.meters = meters;
    }

    /// Every path comes here, since routes come and go with the apps file.
    void routing(HttpRouting.Builder routing) {
        routing.any(this::handle);
        routing.error(Exception.class, this::onBug);
    }

    private void handle(ServerRequest request, ServerResponse response) {
        var path = request.path().path();
        if (path.startsWith(EVENTS)) {
            onLookup(request, response, path.substring(EVENTS.length()));
        } else if (path.startsWith(AGENTS)) {
            onAgent(request, response, path.substring(AGENTS.length()));
        } else if (apps.get().route(path) == null) {
            refuse(
                    request,
                    response,
                    Refusal.of(
                            Refusal.Type.NOT_FOUND,
                            ErrorCode.URL_IS_UNKNOWN,
                            "%s: no such url (expected: one of %s)"
                                    .formatted(
                                            shorten(path),
                                            String.join(
                                                    ", ",
                                                    apps.get().routes().keySet().stream()
                                                            .sorted()
                                                            .toList()))));
        } else if (!request.prologue().method().equals(Method.POST)) {
            methodNotAllowed(request, response, Method.POST);
        } else {
            onPost(request, response, path);
        }
    }

    private void onPost(ServerRequest request, ServerResponse response, String path) {
        long began = System.nanoTime();
        var unsupported = unsupportedMedia(request);
        if (unsupported != null) {
            refuse(request, response, unsupported);
            return;
        }
        long length = request.headers().contentLength().orElse(-1);
        if (length > Envelope.MAX_BYTES) {
            refuse(request, response, tooLarge(length + " bytes"));
            return;
        }
        if (!admission.enter(length)) {
            meters.increment(ProducerCounter.REQUESTS_OVERLOADED);
            send(
                    request,
                    response,
                    Refusal.of(
                            Refusal.Type.OVERLOADED,
                            "too many requests are in hand (expected: at most %d, and %d bytes), or this process stops"
                                    .formatted(Admission.MAX_REQUESTS, Admission.MAX_BYTES)));
            return;
        }
        try {
            var in = request.content().inputStream();
            var body = Body.read(in, Envelope.MAX_BYTES);
            if (body == null) {
                meters.increment(ProducerCounter.REQUESTS_REFUSED);
                closeUnless(Body.spend(in), response);
                write(response, tooLarge("more than that"));
                return;
            }
            var decision =
                    Intake.decide(
                            apps.get(),
                            path,
                            bearer(request),
                            header(request, IDEMPOTENCY_KEY),
                            body,
                            clock.instant());
            switch (decision) {
                case Intake.Order _ when layout.underWay() != null -> {
                    meters.increment(ProducerCounter.REQUESTS_AWAY);
                    send(
                            request,
                            response,
                            Refusal.of(
                                    Refusal.Type.LANES_GROW,
                                    "an operator gives the events topic more lanes (expected: accepted again within a minute)"));
                }
                case Intake.Order order -> {
                    if (store(order, trace(request), response)) {
                        meters.acceptedAfter(System.nanoTime() - began);
                    }
                }
                case Refusal refusal -> refuse(request, response, refusal);
            }
        } catch (IOException e) {
            // The other side went away while it was sending; nobody is there to hear.
            LOG.atDebug().setCause(e).log("A request ended early");
            write(response, Refusal.of(Refusal.Type.MALFORMED, "the body ends early"));
        } finally {
            admission.leave(length);
        }
    }

    /// Whether all of it is stored.
    private boolean store(Intake.Order order, RecordHeaders caller, ServerResponse response) {
        var spans = meters.trace(order.url(), caller);
        var sendings = new ArrayList<PostTrace.Sending>();
        var appends = append(order, caller, spans, sendings);
        var ids = new ArrayList<@Nullable String>();
        int stored = 0;
        String trouble = null;
        for (int i = 0; i < order.targets().size(); i++) {
            switch (i < appends.size() ? outcome(appends.get(i)) : new Outcome.NotTried()) {
                case Outcome.Stored(var at) -> {
                    ids.add(onStored(order, order.targets().get(i), at));
                    stored++;
                }
                case Outcome.Failed(var why) -> {
                    ids.add(null);
                    trouble = why;
                }
                case Outcome.NotTried _ -> ids.add(null);
            }
        }
        if (spans != null) {
            for (int i = 0; i < sendings.size(); i++) {
                sendings.get(i).end(ids.get(i));
            }
            spans.end(trouble == null ? 202 : 503);
        }
        if (trouble == null) {
            meters.increment(ProducerCounter.REQUESTS_ACCEPTED);
            meters.add(ProducerCounter.EVENTS_ACCEPTED, stored);
            var body = Json.object();
            ids.forEach(body.putArray("ids")::add);
            response.status(202).header(HeaderNames.CONTENT_TYPE, JSON).send(Json.bytes(body));
            return true;
        }
        LOG.atWarn().log("Kafka took {} of {} events: {}", stored, ids.size(), trouble);
        meters.increment(ProducerCounter.REQUESTS_AWAY);
        write(response, away(ids, stored));
        return false;
    }

    private String onStored(Intake.Order order, Target target, Position at) {
        var id = EventId.of(target, at, 1);
        lookup.onAccepted(order.app(), id, target, at, order.url());
        LOG.atDebug().addKeyValue("event", id).addKeyValue("position", at).log("Accepted");
        return id;
    }

    /// Stops at the first that fails at once: when Kafka cannot be reached at all, each further one
    /// would wait as long again.
    private List<CompletableFuture<Position>> append(
            Intake.Order order,
            RecordHeaders caller,
            @Nullable PostTrace spans,
            List<PostTrace.Sending> sendings) {
        var appends = new ArrayList<CompletableFuture<Position>>();
        for (Target target : order.targets()) {
            var headers = caller;
            if (spans != null) {
                var sending = spans.send();
                sendings.add(sending);
                headers = sending.headers();
            }
            var append = sink.append(order.app(), order.url(), target, headers);
            appends.add(append);
            if (append.isCompletedExceptionally()) {
                break;
            }
        }
        return appends;
    }

    private sealed interface Outcome {
        record Stored(Position at) implements Outcome {}

        /// It may still have been stored.
        record Failed(String why) implements Outcome {}

        record NotTried() implements Outcome {}
    }

    /// Waits; the sink bounds how long.
    private static Outcome outcome(CompletableFuture<Position> append) {
        try {
            return new Outcome.Stored(append.join());
        } catch (RuntimeException e) {
            var cause = e.getCause() == null ? e : e.getCause();
            return new Outcome.Failed(String.valueOf(cause.getMessage()));
        }
    }

    private static Refusal away(List<@Nullable String> ids, int stored) {
        return new Refusal(
                Refusal.Type.KAFKA_IS_AWAY,
                "%d of %d events are known to be stored (ids: null for the others, which may still be; repeating the request with the same Idempotency-Key doubles none)"
                        .formatted(stored, ids.size()),
                null,
                List.of(),
                ids);
    }

    private void onLookup(ServerRequest request, ServerResponse response, String id) {
        var app = asker(request, response);
        if (app == null) {
            return;
        }
        switch (lookup.find(app, id)) {
            case EventLookup.Answer.Known(var body) -> answer(response, body);
            case EventLookup.Answer.Unknown(var detail) ->
                    refuse(request, response, Refusal.of(Refusal.Type.NOT_FOUND, detail));
            case EventLookup.Answer.Away(var detail) -> {
                meters.increment(ProducerCounter.REQUESTS_AWAY);
                send(request, response, Refusal.of(Refusal.Type.KAFKA_IS_AWAY, detail));
            }
        }
    }

    private void onAgent(ServerRequest request, ServerResponse response, String path) {
        var app = asker(request, response);
        if (app == null) {
            return;
        }
        Address.Agent agent;
        try {
            int slash = path.indexOf('/');
            agent =
                    new Address.Agent(
                            path.substring(0, Math.max(0, slash)), path.substring(slash + 1));
        } catch (IllegalArgumentException e) {
            refuse(
                    request,
                    response,
                    Refusal.of(
                            Refusal.Type.MALFORMED,
                            "%s%s: %s (expected: %s<app>/<uuid>)"
                                    .formatted(AGENTS, shorten(path), e.getMessage(), AGENTS)));
            return;
        }
        if (!agent.app().equals(app)) {
            refuse(
                    request,
                    response,
                    Refusal.of(
                            Refusal.Type.NOT_FOUND,
                            "%s: not of app %s (expected: an agent of the app whose token this is)"
                                    .formatted(agent, app)));
        } else if (inboxes == null) {
            refuse(request, response, Refusal.of(Refusal.Type.NO_INBOX, Inboxes.UNKNOWN));
        } else {
            try {
                answer(response, inboxes.get().presence(agent));
            } catch (InboxAway e) {
                meters.increment(ProducerCounter.REQUESTS_AWAY);
                send(
                        request,
                        response,
                        Refusal.of(Refusal.Type.INBOX_IS_AWAY, "Redis does not answer"));
            }
        }
    }

    /// The app that asks; null: it was refused.
    private @Nullable String asker(ServerRequest request, ServerResponse response) {
        if (!request.prologue().method().equals(Method.GET)) {
            methodNotAllowed(request, response, Method.GET);
            return null;
        }
        meters.increment(ProducerCounter.LOOKUPS);
        var token = bearer(request);
        var app = token == null ? null : apps.get().appOfToken(token);
        if (app == null) {
            refuse(
                    request,
                    response,
                    Refusal.of(
                            Refusal.Type.TOKEN_REFUSED,
                            ErrorCode.CHAT_TOKEN_IS_REFUSED,
                            "Authorization: (expected: Bearer and the chat_token of the app that is asked about)"));
            return null;
        }
        if (!app.active()) {
            refuse(request, response, Intake.blocked(app));
            return null;
        }
        return app.name();
    }

    private static void answer(ServerResponse response, ObjectNode body) {
        response.status(200).header(HeaderNames.CONTENT_TYPE, JSON).send(Json.bytes(body));
    }

    private void methodNotAllowed(ServerRequest request, ServerResponse response, Method expected) {
        response.header(HeaderNames.ALLOW, expected.text());
        refuse(
                request,
                response,
                Refusal.of(
                        Refusal.Type.METHOD_NOT_ALLOWED,
                        "%s (expected: %s)"
                                .formatted(request.prologue().method().text(), expected.text())));
    }

    private static @Nullable Refusal unsupportedMedia(ServerRequest request) {
        var type = header(request, HeaderNames.CONTENT_TYPE);
        if (type == null) {
            return null;
        }
        var plain = type.toLowerCase(Locale.ROOT).replace(" ", "").replace("\"", "");
        return plain.equals(JSON) || plain.equals(JSON + ";charset=utf-8")
                ? null
                : Refusal.of(
                        Refusal.Type.UNSUPPORTED_MEDIA_TYPE,
                        "Content-Type: %s (expected: %s, in UTF-8)".formatted(type, JSON));
    }

    private static Refusal tooLarge(String found) {
        return Refusal.of(
                Refusal.Type.TOO_LARGE,
                "the body: %s (expected: at most %d bytes)".formatted(found, Envelope.MAX_BYTES));
    }

    private static RecordHeaders trace(ServerRequest request) {
        var headers = new RecordHeaders();
        for (var name : TRACE) {
            var value = header(request, HeaderNames.create(name));
            if (value != null) {
                headers.add(name, value.getBytes(StandardCharsets.US_ASCII));
            }
        }
        return headers;
    }

    private static @Nullable String bearer(ServerRequest request) {
        var value = header(request, HeaderNames.AUTHORIZATION);
        return value != null && value.regionMatches(true, 0, "Bearer ", 0, 7)
                ? value.substring(7).strip()
                : null;
    }

    private static @Nullable String header(ServerRequest request, HeaderName name) {
        return request.headers().first(name).orElse(null);
    }

    private void onBug(ServerRequest request, ServerResponse response, Exception bug) {
        meters.increment(ProducerCounter.REQUESTS_FAILED);
        LOG.atError().setCause(bug).log("A request failed");
        send(request, response, Refusal.of(Refusal.Type.INTERNAL, "unforeseen; the log has it"));
    }

    private void refuse(ServerRequest request, ServerResponse response, Refusal refusal) {
        meters.increment(ProducerCounter.REQUESTS_REFUSED);
        send(request, response, refusal);
    }

    private void send(ServerRequest request, ServerResponse response, Refusal refusal) {
        if (request.content().hasEntity() && !request.content().consumed()) {
            closeUnless(spend(request), response);
        }
        write(response, refusal);
    }

    private static boolean spend(ServerRequest request) {
        if (request.headers().contains(HeaderNames.EXPECT)) {
            // It waits to be told whether to send the body at all.
            return false;
        }
        try {
            return Body.spend(request.content().inputStream());
        } catch (IOException | RuntimeException e) {
            LOG.atDebug().setCause(e).log("A refused request ended early");
            return false;
        }
    }

    private static void closeUnless(boolean spent, ServerResponse response) {
        if (!spent) {
            response.header(HeaderNames.CONNECTION, "close");
        }
    }

    private void write(ServerResponse response, Refusal refusal) {
        meters.rejected(refusal.type());
        response.status(refusal.type().status())
                .header(HeaderNames.CONTENT_TYPE, Refusal.MEDIA_TYPE);
        switch (refusal.type()) {
            case KAFKA_IS_AWAY, INBOX_IS_AWAY, LANES_GROW, OVERLOADED ->
                    response.header(HeaderNames.RETRY_AFTER, RETRY_SECONDS);
            case TOKEN_REFUSED -> response.header(HeaderNames.WWW_AUTHENTICATE, "Bearer");
            default -> {
                // says it all by its status
            }
        }
        response.send(refusal.body());
    }

    private static String shorten(String text) {
        return text.length() <= 80 ? text : text.substring(0, 77) + "...";
    }
}
