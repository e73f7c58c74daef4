package io.switchboard.systemtests.chaos;

import io.switchboard.systemtests.History;

/// What is done to a system while it is used.
public sealed interface Course permits ByChance, Rollout {
    /// @param history what struck goes into it
    void run(Strike.Field field, History history);
}
