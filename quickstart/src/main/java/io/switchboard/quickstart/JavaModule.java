package io.switchboard.quickstart;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The processes of ours that others start, and how: each is its module's jar and the jars
/// beside it in `target/lib`.
public enum JavaModule {
    DISPATCHER("dispatcher", "io.switchboard.dispatcher.DispatcherMain"),
    EDGE("edge-node", "io.switchboard.edge.EdgeMain"),
    PRODUCER("worksheet-producer", "io.switchboard.producer.ProducerMain"),
    SEND("worksheet-producer", "io.switchboard.producer.SendMain"),
    OPERATOR("operator", "io.switchboard.operator.OperatorMain"),
    UP("quickstart", "io.switchboard.quickstart.UpMain"),
    DEMO("quickstart", "io.switchboard.quickstart.DemoMain");

    static final List<String> FLAGS =
            List.of(
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow",
                    "-XX:+UseCompactObjectHeaders",
                    "-XX:-UsePerfData");

    /// Connections come in herds and stay for hours: the heap that their handshakes needed is given
    /// back.
    private static final List<String> EDGE_FLAGS =
            List.of(
                    "-XX:MinHeapFreeRatio=10",
                    "-XX:MaxHeapFreeRatio=20",
                    "-XX:G1PeriodicGCInterval=300000");

    private final String module;
    private final String mainClass;

    JavaModule(String module, String mainClass) {
        this.module = module;
        this.mainClass = mainClass;
    }

    String mainClass() {
        return mainClass;
    }

    /// Of its JVM, beside those that every process of ours has; wherever it runs.
    List<String> flags() {
        return this == EDGE ? EDGE_FLAGS : List.of();
    }

    /// The command that starts it.
    ///
    /// @param jvmFlags besides those that every process of ours has
    public List<String> command(List<String> jvmFlags, List<String> arguments) {
        return command(checkout(), jvmFlags, arguments);
    }

    /// The same, of another checkout: another release.
    public List<String> command(Path checkout, List<String> jvmFlags, List<String> arguments) {
        var flags = Stream.concat(flags().stream(), jvmFlags.stream()).toList();
        return command(checkout, module, mainClass, flags, arguments);
    }

    /// The command that starts a main class of this module, with the flags that ours have.
    public static List<String> command(
            String module, String mainClass, List<String> jvmFlags, List<String> arguments) {
        return command(checkout(), module, mainClass, jvmFlags, arguments);
    }

    private static List<String> command(
            Path checkout,
            String module,
            String mainClass,
            List<String> jvmFlags,
            List<String> arguments) {
        var target = checkout.resolve(module).resolve("target");
        var jar = target.resolve(module + ".jar");
        if (!Files.exists(jar)) {
            throw new IllegalStateException(
                    "%s: missing (expected: built by mvn package)".formatted(jar));
        }
        return java(jvmFlags, jar + ":" + target.resolve("lib") + "/*", mainClass, arguments);
    }

    /// A JVM like ours, with the flags that keep its standard error empty.
    static List<String> java(
            List<String> jvmFlags, String classPath, String mainClass, List<String> arguments) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(FLAGS);
        command.addAll(jvmFlags);
        command.addAll(List.of("-cp", classPath, mainClass));
        command.addAll(arguments);
        return command;
    }

    /// The folder that holds the modules, found from where this class was loaded.
    public static Path checkout() {
        var place = codeSource();
        for (var folder = place; folder != null; folder = folder.getParent()) {
            if (Files.exists(folder.resolve("quickstart/pom.xml"))) {
                return folder;
            }
        }
        throw new IllegalStateException(
                "%s: not inside a checkout (expected: a folder above it with quickstart/pom.xml)"
                        .formatted(place));
    }

    private static Path codeSource() {
        try {
            return Path.of(
                    JavaModule.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("a class path entry that is no URI", e);
        }
    }
}
