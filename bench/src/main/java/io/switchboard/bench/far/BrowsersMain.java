package io.switchboard.bench.far;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.switchboard.schemas.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/// Thousands of browsers in one process, on one event loop: groups of them, by name.
public final class BrowsersMain {
    private static final int AT_ONCE = 200;
    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;

    private final EventLoopGroup loops;
    private final Bootstrap bootstrap;
    private final Map<String, Group> groups = new HashMap<>();

    private BrowsersMain() {
        boolean epoll = Epoll.isAvailable();
        loops =
                new MultiThreadIoEventLoopGroup(
                        1, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        bootstrap =
                new Bootstrap()
                        .group(loops)
                        .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
                        .option(ChannelOption.TCP_NODELAY, true)
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS);
    }

    public static void main(String... args) throws IOException {
        var browsers = new BrowsersMain();
        Control.serve(
                "browsers",
                Map.of(
                        "open", browsers::open,
                        "measure", browsers::measure,
                        "tell", browsers::tell,
                        "cut", browsers::cut,
                        "leave", browsers::leave,
                        "come back", browsers::comeBack,
                        "await", browsers::await,
                        "close", browsers::close));
        System.exit(0);
    }

    private ObjectNode open(ObjectNode order) throws InterruptedException {
        var ports = new ArrayList<Integer>();
        order.path("ports").forEach(each -> ports.add(each.asInt()));
        var plan =
                new Group.Plan(
                        Dialect.valueOf(order.path("dialect").asText().toUpperCase(Locale.ROOT)),
                        ports,
                        order.path("first").asInt(),
                        order.path("count").asInt(),
                        order.path("app").asText(),
                        order.path("secret").asText(),
                        order.path("role").asText(),
                        order.path("acknowledges").asBoolean(true),
                        order.path("jitter_ms").asInt(1_000));
        var group = new Group(plan, loops, bootstrap);
        groups.put(order.path("group").asText(), group);
        group.open(AT_ONCE);
        return waitUntil(order, () -> group.online() == group.size(), group);
    }

    private ObjectNode measure(ObjectNode order) {
        group(order).tally().measure(order.path("from").asLong(), order.path("to").asLong());
        return Json.object();
    }

    /// All sockets end at once, and come back by themselves. Answers when all have ended.
    private ObjectNode cut(ObjectNode order) throws InterruptedException {
        var group = group(order);
        long closed = group.tally().closed.sum() + group.online();
        group.cut();
        return waitUntil(order, () -> group.tally().closed.sum() >= closed, group);
    }

    private ObjectNode leave(ObjectNode order) throws InterruptedException {
        var group = group(order);
        group.leave();
        return waitUntil(order, () -> group.online() == 0, group);
    }

    private ObjectNode comeBack(ObjectNode order) {
        group(order).comeBack();
        return Json.object();
    }

    /// Until everybody is online, or `received` events are in.
    private ObjectNode await(ObjectNode order) throws InterruptedException {
        var group = group(order);
        long received = order.path("received").asLong(-1);
        return waitUntil(
                order,
                received < 0
                        ? () -> group.online() == group.size()
                        : () -> group.tally().received.sum() >= received,
                group);
    }

    private ObjectNode close(ObjectNode order) throws InterruptedException {
        var group = group(order);
        group.close();
        var answer = waitUntil(order, () -> group.online() == 0, group);
        groups.remove(order.path("group").asText());
        return answer;
    }

    private ObjectNode tell(ObjectNode order) {
        var group = group(order);
        return group.tally().into(standing(group));
    }

    private static ObjectNode standing(Group group) {
        return Json.object()
                .put("online", group.online())
                .put("received", group.tally().received.sum())
                .put("last_online", group.lastOnlineNanos())
                .put("now", System.nanoTime());
    }

    private Group group(ObjectNode order) {
        var name = order.path("group").asText();
        return Objects.requireNonNull(groups.get(name), name);
    }

    /// @return where the group then stands, `done` or not
    private static ObjectNode waitUntil(ObjectNode order, BooleanSupplier done, Group group)
            throws InterruptedException {
        boolean came = Control.await(order, done);
        return standing(group).put("done", came);
    }
}
