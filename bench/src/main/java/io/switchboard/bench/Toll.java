package io.switchboard.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a stretch of time takes of the machine: processor seconds of each part, of the JVMs'
/// compilers among them, and of whatever else runs here.
///
/// Confined to its case.
final class Toll {
    /// Below this share of a core the compilers are quiet.
    private static final double QUIET = 0.2;

    private static final String BENCH = "bench";

    /// @param cpu seconds of each part, the bench itself among them
    /// @param compiling seconds of each part's compilers, contained in `cpu`
    /// @param others seconds of every other process of the machine
    record Paid(
            double seconds, Map<String, Double> cpu, Map<String, Double> compiling, double others) {
        boolean isWarm() {
            return compilers() < QUIET * seconds;
        }

        /// Of all parts.
        double compilers() {
            return compiling.values().stream().mapToDouble(Double::doubleValue).sum();
        }

        /// What the parts whose names begin so took for their work, without their compilers.
        double working(String part) {
            return ofThose(part, cpu) - ofThose(part, compiling);
        }

        private static double ofThose(String part, Map<String, Double> each) {
            return each.entrySet().stream()
                    .filter(entry -> entry.getKey().startsWith(part))
                    .mapToDouble(Map.Entry::getValue)
                    .sum();
        }

        /// Of one core, 1.0 being all of it.
        double share(String part) {
            return cpu.getOrDefault(part, 0.0) / seconds;
        }

        ObjectNode into(ObjectNode row) {
            var each = row.putObject("cpu_s");
            cpu.forEach((part, took) -> each.put(part, Figures.round(took)));
            return row.put("compilers_cpu_s", Figures.round(compilers()))
                    .put("others_cpu_s", Figures.round(others));
        }
    }

    /// One of those of a part.
    private record CompilerThread(String part, long id) {}

    private final Map<String, Long> pids = new LinkedHashMap<>();
    private final long beganNanos = System.nanoTime();
    private final Map<String, Double> cpu;
    private final Map<CompilerThread, Double> compilers;
    private final double machine;

    private Toll(Rig rig) {
        rig.processes().forEach((name, each) -> pids.put(name, each.pid()));
        pids.put(BENCH, ProcessHandle.current().pid());
        cpu = cpu();
        compilers = compilers();
        machine = Usage.machineCpuSeconds();
    }

    static Toll begin(Rig rig) {
        return new Toll(rig);
    }

    Paid end() {
        var took = cpu();
        took.replaceAll((name, seconds) -> seconds - cpu.getOrDefault(name, 0.0));
        double ours = took.values().stream().mapToDouble(Double::doubleValue).sum();
        var compiling = new HashMap<String, Double>();
        compilers()
                .forEach(
                        (thread, seconds) ->
                                compiling.merge(
                                        thread.part,
                                        seconds - compilers.getOrDefault(thread, 0.0),
                                        Double::sum));
        return new Paid(
                (System.nanoTime() - beganNanos) / 1e9,
                took,
                compiling,
                Math.max(0, Usage.machineCpuSeconds() - machine - ours));
    }

    private Map<String, Double> cpu() {
        var seconds = new LinkedHashMap<String, Double>();
        pids.forEach((name, pid) -> seconds.put(name, Usage.cpuSeconds(pid)));
        return seconds;
    }

    /// By thread: a JVM ends compilers that have nothing to do.
    private Map<CompilerThread, Double> compilers() {
        var seconds = new HashMap<CompilerThread, Double>();
        pids.forEach((part, pid) -> addCompilers(part, pid, seconds));
        return seconds;
    }

    private static void addCompilers(String part, long pid, Map<CompilerThread, Double> seconds) {
        try (DirectoryStream<Path> threads =
                Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
            for (var each : threads) {
                addCompiler(part, each, seconds);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void addCompiler(String part, Path thread, Map<CompilerThread, Double> seconds)
            throws IOException {
        try {
            if (Files.readString(thread.resolve("comm")).contains("CompilerThre")) {
                seconds.put(
                        new CompilerThread(part, Long.parseLong(thread.getFileName().toString())),
                        Usage.cpuSeconds(thread.resolve("stat")));
            }
        } catch (NoSuchFileException _) {
            // it has just ended
        }
    }
}
