package io.switchboard.quickstart;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Ends our children when we end, even by SIGKILL: a shell that holds their numbers, and reads
/// from us until there is nobody left to read from.
///
/// Children and shell run in sessions of their own, so that Ctrl-C reaches only us and we stop
/// them in order.
///
/// Thread-safe.
final class ProcessGuard {
    private static final String SCRIPT =
            """
            pids=
            while read -r op pid; do
              case $op in
                +) pids="$pids $pid" ;;
                -) left=; for each in $pids; do [ "$each" = "$pid" ] || left="$left $each"; done; pids=$left ;;
              esac
            done
            [ -z "$pids" ] || kill -9 $pids 2>/dev/null
            """;

    private static final ProcessGuard INSTANCE = new ProcessGuard();

    private final OutputStream shell;

    private ProcessGuard() {
        try {
            var process =
                    new ProcessBuilder(detached(List.of("/bin/sh", "-c", SCRIPT)))
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            shell = process.getOutputStream();
        } catch (IOException e) {
            throw new UncheckedIOException("/bin/sh does not start", e);
        }
    }

    /// Watches this process until it ends by itself.
    static void watch(ProcessHandle process) {
        INSTANCE.say('+', process.pid());
        process.onExit().thenRun(() -> INSTANCE.say('-', process.pid()));
    }

    /// The same command in a session of its own, where the system has a tool for that.
    static List<String> detached(List<String> command) {
        for (var tool : List.of("/usr/bin/setsid", "/bin/setsid")) {
            if (new File(tool).canExecute()) {
                return prefixed(command, tool);
            }
        }
        if (new File("/usr/bin/perl").canExecute()) {
            return prefixed(
                    command, "/usr/bin/perl", "-e", "setpgrp(0, 0); exec { $ARGV[0] } @ARGV");
        }
        return command;
    }

    private static List<String> prefixed(List<String> command, String... prefix) {
        var all = new ArrayList<>(List.of(prefix));
        all.addAll(command);
        return all;
    }

    private synchronized void say(char op, long pid) {
        try {
            shell.write((op + " " + pid + "\n").getBytes(StandardCharsets.US_ASCII));
            shell.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("the shell that guards our children has ended", e);
        }
    }
}
