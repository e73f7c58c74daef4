package io.switchboard.systemtests.simulation;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;

/// A process that crashes, freezes and has a clock of its own.
///
/// What it asked for in a former life does not happen any more; what comes while it is frozen
/// happens when it thaws.
class SimProcess {
    final World world;
    final String name;
    private final ArrayDeque<Runnable> held = new ArrayDeque<>();
    private int life = 1;
    private boolean up = true;
    private boolean frozen;
    private long skewMillis;

    /// Whether Redis, and Kafka, can be reached.
    boolean redisCut;

    boolean kafkaCut;

    SimProcess(World world, String name) {
        this.world = world;
        this.name = name;
    }

    final void later(long delayMillis, Runnable task) {
        int asked = life;
        world.in(delayMillis, () -> runIn(asked, task));
    }

    private void runIn(int asked, Runnable task) {
        if (!up || life != asked) {
            return;
        }
        if (frozen) {
            held.add(() -> runIn(asked, task));
            return;
        }
        task.run();
    }

    final void every(long periodMillis, Runnable task) {
        later(
                periodMillis,
                () -> {
                    task.run();
                    every(periodMillis, task);
                });
    }

    final boolean runs() {
        return up && !frozen;
    }

    final boolean isUp() {
        return up;
    }

    final boolean isFrozen() {
        return frozen;
    }

    final int life() {
        return life;
    }

    final InstantSource clock() {
        return () -> Instant.ofEpochMilli(world.now() + skewMillis);
    }

    final void jumpClock(long skew) {
        skewMillis = skew;
    }

    final void freeze() {
        frozen = true;
        world.trace(() -> name + " FREEZES");
    }

    final void thaw() {
        if (!frozen) {
            return;
        }
        frozen = false;
        world.trace(() -> name + " thaws");
        while (!held.isEmpty() && !frozen) {
            held.remove().run();
        }
    }

    final void crash() {
        world.trace(() -> name + " CRASHES");
        life++;
        up = false;
        frozen = false;
        held.clear();
        onCrash();
    }

    final void start() {
        life++;
        up = true;
        redisCut = false;
        kafkaCut = false;
        onStart();
    }

    void onCrash() {}

    void onStart() {}

    @Override
    public String toString() {
        return name;
    }
}
