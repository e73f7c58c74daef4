package io.switchboard.bench.far;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Browsers of one kind, on some edges: those with the numbers `first` to `first + count − 1`.
/// Whoever is disconnected comes back after a random wait, to the next edge.
///
/// Thread-safe.
final class Group {
    /// As the SDK: long enough to make one ACK of a burst.
    private static final int ACK_MILLIS = 50;

    private static final int ACK_SLICES = 10;

    /// @param app and `secret`: for tokens
    /// @param role that each has; empty: none
    record Plan(
            Dialect dialect,
            List<Integer> ports,
            int first,
            int count,
            String app,
            String secret,
            String role,
            boolean acknowledges,
            int jitterMillis) {}

    private final Plan plan;
    private final EventLoopGroup loops;
    private final Bootstrap bootstrap;
    private final Tally tally = new Tally();
    private final AtomicInteger online = new AtomicInteger();
    private final AtomicInteger connecting = new AtomicInteger();
    private final AtomicInteger turn = new AtomicInteger();
    private final List<Browser> browsers = new ArrayList<>();
    private final List<List<Browser>> toAcknowledge = new ArrayList<>();
    private volatile boolean closed;
    private volatile boolean away;
    private volatile long lastOnlineNanos;

    /// @param bootstrap with a channel class and one event loop
    Group(Plan plan, EventLoopGroup loops, Bootstrap bootstrap) {
        this.plan = plan;
        this.loops = loops;
        this.bootstrap = bootstrap;
        for (int i = 0; i < plan.count; i++) {
            browsers.add(new Browser(this, plan.first + i));
        }
        for (int i = 0; i < ACK_SLICES; i++) {
            toAcknowledge.add(new ArrayList<>());
        }
        int every = ACK_MILLIS / ACK_SLICES;
        loops.next()
                .scheduleAtFixedRate(this::acknowledgeSome, every, every, TimeUnit.MILLISECONDS);
    }

    Dialect dialect() {
        return plan.dialect;
    }

    Tally tally() {
        return tally;
    }

    String role() {
        return plan.role;
    }

    boolean hasFeeds() {
        return !plan.role.isEmpty();
    }

    boolean acknowledges() {
        return plan.acknowledges;
    }

    int online() {
        return online.get();
    }

    long lastOnlineNanos() {
        return lastOnlineNanos;
    }

    int size() {
        return browsers.size();
    }

    /// Connects those who are not, at most `atOnce` under way.
    void open(int atOnce) throws InterruptedException {
        for (var each : browsers) {
            while (connecting.get() - online.get() >= atOnce) {
                Thread.sleep(1);
            }
            connecting.incrementAndGet();
            connect(each);
        }
    }

    void connect(Browser browser) {
        if (closed || away) {
            return;
        }
        int port = plan.ports.get(Math.floorMod(turn.getAndIncrement(), plan.ports.size()));
        bootstrap
                .clone(loops)
                .handler(
                        new ChannelInitializer<Channel>() {
                            @Override
                            protected void initChannel(Channel channel) {
                                channel.pipeline().addLast(browser.socket());
                            }
                        })
                .connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .addListener(
                        done -> {
                            if (!done.isSuccess()) {
                                onClosed(browser);
                            }
                        });
    }

    /// Ends every socket without a goodbye, at once. They come back, each after its own wait.
    void cut() {
        loops.next().execute(() -> browsers.forEach(Group::reset));
    }

    private static void reset(Browser browser) {
        var channel = browser.channel();
        if (channel != null) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            channel.close();
        }
    }

    /// Ends them, and they stay away until [#comeBack].
    void leave() {
        away = true;
        cut();
    }

    /// All at once.
    void comeBack() {
        away = false;
        loops.next().execute(() -> browsers.forEach(Browser::comeBack));
    }

    void close() {
        closed = true;
        cut();
    }

    void onOnline() {
        lastOnlineNanos = System.nanoTime();
        online.incrementAndGet();
    }

    void onOffline() {
        online.decrementAndGet();
    }

    void onClosed(Browser browser) {
        if (closed || away) {
            return;
        }
        long wait = ThreadLocalRandom.current().nextInt(plan.jitterMillis + 1);
        loops.next().schedule(() -> connect(browser), wait, TimeUnit.MILLISECONDS);
    }

    String token(Browser browser) {
        return Tokens.sign(plan.secret, plan.app, Integer.toString(browser.index()), plan.role);
    }

    // --- acknowledging, on the one event loop

    private int slice;

    void acknowledgeSoon(Browser browser) {
        toAcknowledge.get((slice + ACK_SLICES - 1) % ACK_SLICES).add(browser);
    }

    private void acknowledgeSome() {
        slice = (slice + 1) % ACK_SLICES;
        var some = toAcknowledge.get(slice);
        for (int i = 0; i < some.size(); i++) {
            some.get(i).acknowledge();
        }
        some.clear();
    }
}
