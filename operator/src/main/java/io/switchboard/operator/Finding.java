package io.switchboard.operator;

import java.util.Locale;

/// One thing that `doctor` or `config check` looked at.
///
/// @param said what was found; on trouble also what was expected, or what to do
record Finding(State state, String what, String said) {
    enum State {
        OK,
        /// It works, at a price.
        WARN,
        /// It does not hold.
        FAIL;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static Finding ok(String what, String said) {
        return new Finding(State.OK, what, said);
    }

    static Finding warn(String what, String said) {
        return new Finding(State.WARN, what, said);
    }

    static Finding fail(String what, String said) {
        return new Finding(State.FAIL, what, said);
    }
}
