package io.switchboard.quickstart;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A real Kafka broker on loopback, in a JVM of its own so that it can be killed: one node that
/// is broker and controller (KRaft), with the settings of [EmbeddedKafkaMain].
///
/// Thread-safe.
public final class EmbeddedKafka implements AutoCloseable {
    /// Seconds on an idle machine; more on one that does ten things at once.
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /// Quick to start and small: the optimising compiler would compete with everybody else on this
    /// machine for longer than most of its lives last.
    private static final List<String> JVM_FLAGS =
            List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private final int port;
    private final ManagedProcess process;

    private EmbeddedKafka(int port, ManagedProcess process) {
        this.port = port;
        this.process = process;
    }

    /// A second way in: who comes by `port` is told to use `advertised`, where a relay may stand.
    public record Listener(int port, int advertised) {}

    /// @param data what survives a restart; created and formatted when missing
    public static EmbeddedKafka start(int port, Path data, Path log, Listener... more) {
        return start(port, data, log, ClassArchive.read("kafka"), more);
    }

    /// @param moreFlags for its JVM; they win over ours
    public static EmbeddedKafka start(
            int port, Path data, Path log, List<String> moreFlags, Listener... more) {
        var flags = new ArrayList<>(JVM_FLAGS);
        flags.addAll(moreFlags);
        var arguments = new ArrayList<String>();
        arguments.add(Integer.toString(port));
        arguments.add(Integer.toString(FreePorts.next()));
        arguments.add(data.toAbsolutePath().toString());
        for (var each : more) {
            arguments.add(each.port() + ":" + each.advertised());
        }
        var argv =
                JavaModule.java(
                        flags,
                        System.getProperty("java.class.path"),
                        EmbeddedKafkaMain.class.getName(),
                        arguments);
        return new EmbeddedKafka(
                port, ManagedProcess.start(new ManagedProcess.Command("kafka", argv, log)));
    }

    public String bootstrap() {
        return "127.0.0.1:" + port;
    }

    public int port() {
        return port;
    }

    public ManagedProcess process() {
        return process;
    }

    /// Returns when the broker takes requests.
    public EmbeddedKafka awaitReady() {
        process.awaitReady(PATIENCE);
        return this;
    }

    /// SIGKILL.
    public void kill() {
        process.kill();
    }

    /// SIGSTOP.
    public void freeze() {
        process.freeze();
    }

    /// SIGCONT.
    public void thaw() {
        process.thaw();
    }

    /// Starts it again on the same port and data, and waits until it takes requests.
    public void restart() {
        process.restart();
        awaitReady();
    }

    @Override
    public void close() {
        process.close();
    }
}
