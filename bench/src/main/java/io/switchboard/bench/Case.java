package io.switchboard.bench;

/// One question about the system's speed.
interface Case {
    String name();

    /// In one line, for `--list`.
    String what();

    /// @return whether what must hold in any case did (nothing lost, doubled or out of order)
    boolean run(Options options, Result result) throws Exception;
}
