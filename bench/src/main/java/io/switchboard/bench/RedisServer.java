package io.switchboard.bench;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
    private static final Optional<Found> INSTALLED =
            Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                    .map(folder -> Path.of(folder, "redis-server"))
                    .filter(Files::isExecutable)
                    .flatMap(path -> look(path).stream())
                    .findFirst();

    private record Found(Path path, String version) {}

    private RedisServer() {}

    static Optional<Path> installed() {
        return INSTALLED.map(Found::path);
    }

    static String version() {
        return INSTALLED.map(Found::version).orElse(COME_ALONG);
    }

    private static Optional<Found> look(Path path) {
        var said = VERSION.matcher(Machine.output(List.of(path.toString(), "--version")));
        return said.find() && Integer.parseInt(said.group(2)) >= FUNCTIONS_SINCE
                ? Optional.of(new Found(path, said.group(1) + ", " + said.group(3)))
                : Optional.empty();
    }
}
