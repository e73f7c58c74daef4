package io.switchboard.systemtests.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;

/// Redis's append-only files: an older copy of them put back, or their end cut off. Both only
/// while redis-server is down.
///
/// Confined to one thread.
public final class RedisCopy {
    private final Path live;
    private final Path copy;

    /// @param data redis-server's folder
    public RedisCopy(Path data) {
        live = data.resolve("appendonlydir");
        copy = data.resolve("older-copy");
    }

    /// May be made while the server writes: the copy then ends in the middle of a command, which
    /// redis-server cuts off itself.
    public void take() {
        replace(copy, live);
    }

    public void putBack() {
        if (Files.exists(copy)) {
            replace(live, copy);
        }
    }

    public void cutOff(long bytes) {
        try (var files = Files.list(live)) {
            for (var file : files.filter(it -> it.toString().endsWith(".incr.aof")).toList()) {
                try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    channel.truncate(Math.max(0, channel.size() - bytes));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(live + " cannot be cut", e);
        }
    }

    private static void replace(Path to, Path from) {
        try {
            if (Files.exists(to)) {
                for (var file : under(to).reversed()) {
                    Files.delete(file);
                }
            }
            for (var file : under(from)) {
                var target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be copied to %s".formatted(from, to), e);
        }
    }

    private static List<Path> under(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            return files.sorted(Comparator.naturalOrder()).toList();
        }
    }
}
