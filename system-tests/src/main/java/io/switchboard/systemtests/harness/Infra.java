package io.switchboard.systemtests.harness;

/// A real Kafka broker and a real Redis, which tests may kill.
///
/// [ForkedInfra] runs both as child processes, [ContainerInfra] as containers: the system under
/// test knows only the two addresses.
public interface Infra extends AutoCloseable {
    /// Bootstrap servers.
    String kafka();

    String redisUrl();

    Broken kafkaServer();

    Broken redisServer();

    /// All keys are gone at once.
    void flushRedis();

    @Override
    void close();

    /// A server that can be broken and mended.
    interface Broken {
        /// SIGKILL.
        void kill();

        /// Starts it again, on the same address and data, and waits until it answers.
        void restart();

        /// SIGSTOP.
        void freeze();

        /// SIGCONT.
        void thaw();
    }
}
