package io.switchboard.quickstart;

/// One process of a local cluster.
///
/// @param awaitReady returns when it does what it is for, or throws [ProcessFailed]
record Part(ManagedProcess process, Runnable awaitReady) {
    String name() {
        return process.name();
    }
}
