package io.switchboard.bench;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The redis-server that is measured with: the machine's own if it has one that knows functions.
/// The one that comes along runs anywhere since it is linked statically, and its memory allocator
/// costs a third more for it.
final class RedisServer {
    private static final String COME_ALONG = "7.0.15 that comes along";
    private static final Pattern VERSION = Pattern.compile("v=((\\d+)\\S*).*malloc=(\\S+)");
    private static final int FUNCTIONS_SINCE = 7;

    private record Found(Path path, String version) {}

    private RedisServer() {}

    static Optional<Path> installed() {
        return found().map(Found::path);
    }

    static String version() {
        return found().map(Found::version).orElse(COME_ALONG);
    }

    private static Optional<Found> found() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .map(folder -> Path.of(folder, "redis-server"))
                .filter(Files::isExecutable)
                .flatMap(path -> look(path).stream())
                .findFirst();
    }

    private static Optional<Found> look(Path path) {
        try {
            var process =
                    new ProcessBuilder(path.toString(), "--version")
                            .redirectErrorStream(true)
                            .start();
            var said =
                    VERSION.matcher(
                            new String(
                                    process.getInputStream().readAllBytes(),
                                    StandardCharsets.UTF_8));
            return said.find() && Integer.parseInt(said.group(2)) >= FUNCTIONS_SINCE
                    ? Optional.of(new Found(path, said.group(1) + ", " + said.group(3)))
                    : Optional.empty();
        } catch (IOException _) {
            return Optional.empty();
        }
    }
}
