package io.switchboard.runtime;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What a process needs in order to do its work, each by a name. It is ready when all hold.
///
/// Thread-safe.
public final class Health {
    private final Map<String, Supplier<State>> checks = new ConcurrentSkipListMap<>();

    /// @param reason why it fails; null when it holds
    public record State(@Nullable String reason) {
        private static final State OK = new State(null);

        public static State ok() {
            return OK;
        }

        public static State failing(String reason) {
            return new State(reason);
        }

        public boolean holds() {
            return reason == null;
        }
    }

    /// @param check quick, and never waits: it is asked on every probe
    public void check(String name, Supplier<State> check) {
        checks.put(name, check);
    }

    /// All states by name. A check that throws fails with what it threw.
    public Map<String, State> states() {
        var states = new LinkedHashMap<String, State>();
        checks.forEach((name, check) -> states.put(name, ask(check)));
        return states;
    }

    public boolean holds() {
        return hold(states());
    }

    static boolean hold(Map<String, State> states) {
        return states.values().stream().allMatch(State::holds);
    }

    private static State ask(Supplier<State> check) {
        try {
            return check.get();
        } catch (RuntimeException e) {
            return State.failing(e.toString());
        }
    }
}
