package io.switchboard.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.quickstart.JavaModule;
import io.switchboard.schemas.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Where and of what a result was measured.
final class Machine {
    private Machine() {}

    static ObjectNode facts(String command) {
        return Json.object()
                .put("cpu", cpu())
                .put("cores", Runtime.getRuntime().availableProcessors())
                .put("memory_gb", memoryGigabytes())
                .put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"))
                .put("jdk", System.getProperty("java.runtime.version"))
                .put("redis", RedisServer.version())
                .put("commit", commit())
                .put(
                        "at",
                        java.time.Instant.now()
                                .truncatedTo(java.time.temporal.ChronoUnit.SECONDS)
                                .toString())
                .put("command", command);
    }

    private static String cpu() {
        return first("/proc/cpuinfo", "model name");
    }

    private static long memoryGigabytes() {
        var total = first("/proc/meminfo", "MemTotal").replaceAll("[^0-9]", "");
        return total.isEmpty() ? 0 : Math.round(Long.parseLong(total) / 1024.0 / 1024.0);
    }

    private static String first(String file, String name) {
        try (var lines = Files.lines(Path.of(file))) {
            return lines.filter(each -> each.startsWith(name))
                    .map(each -> each.substring(each.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("");
        } catch (IOException _) {
            return "";
        }
    }

    /// With a `+` when files differ from it.
    private static String commit() {
        var head = git("rev-parse", "--short", "HEAD");
        return git("status", "--porcelain", "--untracked-files=no").isEmpty() ? head : head + "+";
    }

    private static String git(String... arguments) {
        var command = new ArrayList<>(List.of("git", "-C", JavaModule.checkout().toString()));
        command.addAll(List.of(arguments));
        return output(command);
    }

    /// What a command says; nothing if it cannot be started.
    static String output(List<String> command) {
        try {
            var process =
                    new ProcessBuilder(command)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .strip();
        } catch (IOException _) {
            return "";
        }
    }
}
