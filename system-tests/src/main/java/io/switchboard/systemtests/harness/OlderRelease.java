package io.switchboard.systemtests.harness;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.switchboard.quickstart.JavaModule;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A release of before, made from this checkout's own history: its sources are taken out of git
/// and packaged, once, into `system-tests/target/releases`.
public final class OlderRelease {
    /// Stands for the newest tag before this commit, or for [#OLDEST] where there is none.
    public static final String LAST = "last";

    /// The first one whose stored and sent bytes are pinned (`StoredLayoutTest`,
    /// `GoldenBytesTest`): what is older need not run beside this one.
    public static final String OLDEST = "83f61570b7b747b1c301864e5ff9f5a9f2d0bceb";

    private static final Duration GIT = Duration.ofSeconds(30);
    private static final Duration MAVEN = Duration.ofMinutes(10);
    private static final String MODULES = "dispatcher,edge-node,worksheet-producer,operator";

    private OlderRelease() {}

    /// A checkout may be shallow, or no checkout at all.
    public static final class NotHere extends Exception {
        private static final long serialVersionUID = 1;

        NotHere(String message) {
            super(message);
        }
    }

    /// @param asked a commit, a tag, or [#LAST]
    /// @throws NotHere when this checkout does not have it
    public static Release of(String asked) throws NotHere {
        var wanted = asked.equals(LAST) ? last() : asked;
        var commit = git("rev-parse", "--quiet", "--verify", wanted + "^{commit}");
        if (commit.isEmpty()) {
            throw new NotHere(
                    "commit '%s' is not in this checkout's history (expected: a clone that is not shallow)"
                            .formatted(wanted));
        }
        var name = commit.substring(0, 12);
        var checkout = JavaModule.checkout().resolve("system-tests/target/releases").resolve(name);
        if (!Files.exists(checkout)) {
            build(commit, checkout);
        }
        return new Release(name, checkout);
    }

    private static String last() throws NotHere {
        if (git("rev-parse", "--git-dir").isEmpty()) {
            throw new NotHere("this is no git checkout (expected: one with its history)");
        }
        var tag = git("describe", "--tags", "--abbrev=0", "HEAD^");
        return tag.isEmpty() ? OLDEST : tag;
    }

    /// It has its place only when it is whole.
    private static void build(String commit, Path checkout) {
        System.out.printf("building release %s, once%n", commit);
        var folder = checkout.resolveSibling(checkout.getFileName() + ".part");
        var archive = checkout.resolveSibling(checkout.getFileName() + ".tar");
        var log = checkout.resolveSibling(checkout.getFileName() + ".log").toFile();
        try {
            Files.createDirectories(folder);
            run(log, GIT, "git", "archive", "--output", archive.toString(), commit);
            run(log, GIT, "tar", "-x", "-f", archive.toString(), "-C", folder.toString());
            Files.delete(archive);
            run(
                    log,
                    MAVEN,
                    System.getenv().getOrDefault("MVN", "mvn"),
                    "-q",
                    "-B",
                    "-f",
                    folder.resolve("pom.xml").toString(),
                    "-Dmaven.test.skip=true",
                    "-pl",
                    MODULES,
                    "-am",
                    "package");
            Files.move(folder, checkout, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("release %s cannot be built".formatted(commit), e);
        }
    }

    /// Empty when git does not know, or is not there.
    private static String git(String... arguments) {
        try {
            var process =
                    new ProcessBuilder(command("git", arguments))
                            .directory(JavaModule.checkout().toFile())
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            var said = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
            return awaitExit(process, GIT) == 0 ? said : "";
        } catch (IOException _) {
            return "";
        }
    }

    private static void run(File log, Duration atMost, String... command) throws IOException {
        var builder =
                new ProcessBuilder(command)
                        .directory(JavaModule.checkout().toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        int code = awaitExit(builder.start(), atMost);
        if (code != 0) {
            throw new IOException(
                    "%s ended with %d; see %s".formatted(List.of(command), code, log));
        }
    }

    private static int awaitExit(Process process, Duration atMost) throws IOException {
        try {
            if (!process.waitFor(atMost.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException("no end within %s".formatted(atMost));
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
            throw new IOException("interrupted", e);
        }
    }

    private static List<String> command(String program, String... arguments) {
        var command = new ArrayList<String>();
        command.add(program);
        command.addAll(List.of(arguments));
        return command;
    }
}
