package io.switchboard.edge.socket;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Jazzer on every target of both modules; docs/security.md has the command. `-Dfuzz.seconds` for
/// each of them. What it found interesting is merged into the kept [Corpus].
@EnabledIfSystemProperty(named = "jazzer.gates", matches = ".+")
class JazzerTest {
    private static final Path LOGS = Path.of("target", "jazzer");
    private static final String SECONDS = System.getProperty("fuzz.seconds", "10");
    private static final String INSTRUMENTED =
            "io.switchboard.**:io.netty.handler.codec.**:com.fasterxml.jackson.core.**:com.fasterxml.jackson.databind.deser.**";
    private static final Pattern RUNS = Pattern.compile("number_of_executed_units: (\\d+)");
    private static final long MORE_SECONDS = 120;

    @TempDir Path folder;

    record Target(String name, Path corpus) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Target> targets() {
        return Stream.concat(
                of("io.switchboard.edge.socket.FuzzTargets", Path.of(".")),
                of("io.switchboard.schemas.FuzzTargets", Path.of("..", "schemas")));
    }

    private static Stream<Target> of(String type, Path module) {
        var kept = module.resolve(Corpus.FOLDER);
        return Stream.of(kept.toFile().listFiles())
                .map(File::toPath)
                .sorted()
                .map(each -> new Target(type + "$" + Corpus.name(each), each));
    }

    @ParameterizedTest
    @MethodSource("targets")
    void nothing_breaksIt(Target target) throws Exception {
        var old = Files.createDirectories(folder.resolve("old"));
        var found = Files.createDirectories(folder.resolve("found"));
        var kept = Files.createDirectories(folder.resolve("kept"));
        Corpus.unpack(target.corpus(), old);
        var said = jazzer(target, "-max_total_time=" + SECONDS, found, old);
        var runs = RUNS.matcher(said);
        assertThat(runs.find()).as(said).isTrue();
        System.out.printf("MEASURED Jazzer %s: %s runs%n", target, runs.group(1));
        jazzer(target, "-merge=1", kept, old, found);
        Corpus.pack(kept, target.corpus());
    }

    private String jazzer(Target target, String flag, Path... folders) throws Exception {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-Xmx1g",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-XX:+EnableDynamicAgentLoading",
                        "-cp",
                        classpath(),
                        "com.code_intelligence.jazzer.Jazzer",
                        "--target_class=" + target.name(),
                        "--instrumentation_includes=" + INSTRUMENTED,
                        // Its watch over Unsafe does not survive Netty's queues.
                        "--custom_hook_includes=io.switchboard.**",
                        "--reproducer_path=" + LOGS,
                        "-artifact_prefix=" + LOGS + "/",
                        "-max_len=4096",
                        "-print_final_stats=1",
                        flag));
        for (var each : folders) {
            command.add(each.toString());
        }
        Files.createDirectories(LOGS);
        var log = LOGS.resolve(target.name() + flag.replaceAll("=.*", "") + ".log");
        var process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        try {
            long most = Long.parseLong(SECONDS) + MORE_SECONDS;
            assertThat(process.waitFor(most, TimeUnit.SECONDS)).as("%s", log).isTrue();
            assertThat(process.exitValue()).as("%s", log).isZero();
        } finally {
            process.destroyForcibly();
        }
        return Files.readString(log);
    }

    private static String classpath() throws IOException {
        try (var jars = Files.list(Path.of(System.getProperty("jazzer.gates")))) {
            var all = new ArrayList<String>();
            jars.filter(each -> each.getFileName().toString().startsWith("jazzer"))
                    .forEach(each -> all.add(each.toString()));
            all.add(System.getProperty("surefire.test.class.path"));
            all.add(Path.of("..", "schemas", "target", "test-classes").toString());
            return String.join(File.pathSeparator, all);
        }
    }
}
