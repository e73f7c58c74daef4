package io.switchboard.bench;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the command line says to every case.
///
/// Immutable.
record Options(
        @Nullable List<Integer> rates,
        @Nullable List<Integer> agents,
        Duration length,
        int runs,
        Duration warmUp,
        @Nullable List<String> beside,
        Rig.Plan rig) {

    List<Integer> ratesOr(Integer... own) {
        return rates == null ? List.of(own) : rates;
    }

    List<Integer> agentsOr(Integer... own) {
        return agents == null ? List.of(own) : agents;
    }

    List<String> besideOr(String... own) {
        return beside == null ? List.of(own) : beside;
    }
}
