package io.switchboard.systemtests.simulation;

/// How the network between processes and servers is: calm, or as the seed has it until the run
/// heals.
final class Weather {
    private static final long SLOW_MILLIS = 4_000;

    private final World world;
    private double losses;
    private double doubles;
    private double delays;

    Weather(World world) {
        this.world = world;
    }

    void storm(double ofLosses, double ofDoubles, double ofDelays) {
        losses = ofLosses;
        doubles = ofDoubles;
        delays = ofDelays;
    }

    void calm() {
        storm(0, 0, 0);
    }

    boolean losesRequest() {
        return world.chance(losses / 2);
    }

    boolean losesAnswer() {
        return world.chance(losses / 2);
    }

    boolean doublesRequest() {
        return world.chance(doubles);
    }

    boolean losesHint() {
        return world.chance(losses);
    }

    boolean doublesHint() {
        return world.chance(doubles);
    }

    long latency() {
        return world.chance(delays) ? world.between(1, SLOW_MILLIS) : world.between(1, 8);
    }
}
