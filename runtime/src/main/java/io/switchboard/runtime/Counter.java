package io.switchboard.runtime;

/// One constant of a process's counter enum; its sentence is the metrics page.
public interface Counter {
    String name();

    /// What one more of it means.
    String help();
}
