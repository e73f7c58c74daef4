package io.switchboard.systemtests.simulation;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// What goes wrong in one run. Each seed has a choice of its own of these kinds: with everything
/// at once some mistakes hide each other.
final class Faults {
    private static final double CHOSEN = 0.45;

    enum Kind {
        DISPATCHER_CRASH,
        DISPATCHER_FREEZE,
        EDGE_CRASH,
        EDGE_FREEZE,
        REDIS_FLUSH,
        REDIS_ROLLBACK,
        SHARD_LOSS,
        LEASE_LOSS,
        REDIS_CUT,
        KAFKA_CUT,
        STORM,
        REBALANCE,
        OPERATOR_RESET,
        CLOCK_JUMP,
        BROWSER_HOP,
        BROWSER_VANISHES,
        BROWSER_SLOW,
        BROWSER_AWAY,
        BROWSER_RELOADED,
        BROWSER_FORGETS
    }

    private final World world;
    private final Simulation run;
    private final Set<Kind> chosen = EnumSet.noneOf(Kind.class);
    private final long pauseMillis;
    private boolean over;

    Faults(World world, Simulation run) {
        this.world = world;
        this.run = run;
        for (var kind : Kind.values()) {
            if (world.chance(CHOSEN)) {
                chosen.add(kind);
            }
        }
        pauseMillis = world.between(200, 2_500);
        world.trace(() -> "faults: " + chosen);
        next();
    }

    void end() {
        over = true;
    }

    private void next() {
        world.in(
                world.between(1, 2 * pauseMillis),
                () -> {
                    if (!over && !chosen.isEmpty()) {
                        var kind = world.oneOf(new ArrayList<>(chosen));
                        if (strike(kind)) {
                            run.struck(kind.name().toLowerCase(Locale.ROOT).replace('_', ' '));
                        }
                        next();
                    }
                });
    }

    private boolean strike(Kind kind) {
        return switch (kind) {
            case DISPATCHER_CRASH -> crash(world.oneOf(run.dispatchers()), 3_000);
            case DISPATCHER_FREEZE -> freeze(world.oneOf(run.dispatchers()));
            case EDGE_CRASH -> crash(world.oneOf(run.edges()), 4_000);
            case EDGE_FREEZE -> freeze(world.oneOf(run.edges()));
            case REDIS_FLUSH -> {
                run.flushRedis();
                yield true;
            }
            case REDIS_ROLLBACK -> {
                run.rollBackRedis();
                yield false; // has said so
            }
            case SHARD_LOSS -> {
                run.loseShard((int) world.between(0, run.lanes() - 1), world.chance(0.5));
                yield false; // has said so
            }
            case LEASE_LOSS -> {
                run.loseLease(world.oneOf(run.edges()));
                yield true;
            }
            case REDIS_CUT -> {
                var process = world.oneOf(processes());
                process.redisCut = true;
                world.trace(() -> process + " does not reach Redis");
                world.in(world.between(100, 7_000), () -> run.reconnectRedis(process));
                yield true;
            }
            case KAFKA_CUT -> {
                var process = world.oneOf(processes());
                process.kafkaCut = true;
                world.trace(() -> process + " does not reach Kafka");
                world.in(world.between(100, 7_000), () -> run.reconnectKafka(process));
                yield true;
            }
            case STORM -> {
                run.weather()
                        .storm(
                                world.chance(0.5) ? 0.2 : 0,
                                world.chance(0.5) ? 0.2 : 0,
                                world.chance(0.5) ? 0.2 : 0);
                world.trace(() -> "a storm begins");
                world.in(world.between(500, 6_000), run.weather()::calm);
                yield true;
            }
            case REBALANCE -> run.group().moveALane();
            case OPERATOR_RESET -> {
                run.operator().stopAndReset();
                yield false; // says so when it is done
            }
            case CLOCK_JUMP -> {
                var process = world.oneOf(processes());
                long skew = world.between(-20_000, 20_000);
                process.jumpClock(skew);
                world.trace(() -> "%s's clock is %d ms off".formatted(process, skew));
                yield true;
            }
            case BROWSER_HOP -> {
                world.oneOf(run.browsers()).hop(true);
                yield true;
            }
            case BROWSER_VANISHES -> {
                world.oneOf(run.browsers()).hop(false);
                yield true;
            }
            case BROWSER_SLOW -> {
                var browser = world.oneOf(run.browsers());
                browser.setSlow(true);
                world.in(world.between(500, 12_000), () -> browser.setSlow(false));
                yield true;
            }
            case BROWSER_AWAY -> {
                world.oneOf(run.browsers()).stayAway(world.between(500, 10_000));
                yield true;
            }
            case BROWSER_RELOADED -> {
                world.oneOf(run.browsers()).reload(false);
                yield true;
            }
            case BROWSER_FORGETS -> {
                world.oneOf(run.browsers()).reload(true);
                yield true;
            }
        };
    }

    private List<SimProcess> processes() {
        var all = new ArrayList<SimProcess>(run.dispatchers());
        all.addAll(run.edges());
        return all;
    }

    private boolean crash(SimProcess process, long mostMillis) {
        if (!process.isUp()) {
            return false;
        }
        process.crash();
        world.in(
                world.between(50, mostMillis),
                () -> {
                    if (!process.isUp()) {
                        process.start();
                    }
                });
        return true;
    }

    private boolean freeze(SimProcess process) {
        if (!process.runs()) {
            return false;
        }
        process.freeze();
        world.in(world.between(50, 9_000), process::thaw);
        return true;
    }
}
