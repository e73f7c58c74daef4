package io.switchboard.quickstart;

import io.switchboard.runtime.Failure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;

/// What stays between two runs: the data of Kafka and Redis, logs, the cluster's key, the apps
/// file. It belongs to one `up` at a time.
///
/// Owned by whoever opened it.
final class DataFolder implements AutoCloseable {
    private static final int KEY_BYTES = 32;

    private final Path folder;
    private final FileChannel lock;

    private DataFolder(Path folder, FileChannel lock) {
        this.folder = folder;
        this.lock = lock;
    }

    /// @throws Failure when another process has it
    static DataFolder open(Path folder) {
        try {
            Files.createDirectories(folder);
            var file = folder.resolve("up.lock");
            var channel =
                    FileChannel.open(
                            file,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE);
            if (!tryLock(channel)) {
                channel.close();
                throw new Failure(
                        "%s: another up (process %s) runs on this data (expected: one at a time; stop it, or give --data and --port of its own)"
                                .formatted(folder, Files.readString(file).strip()));
            }
            channel.truncate(0);
            channel.write(utf8(ProcessHandle.current().pid() + "\n"));
            return new DataFolder(folder.toAbsolutePath().normalize(), channel);
        } catch (IOException e) {
            throw new Failure("%s: cannot be used: %s".formatted(folder, e.getMessage()), e);
        }
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException _) {
            return false;
        }
    }

    Path kafka() {
        return folder.resolve("kafka");
    }

    Path redis() {
        return folder.resolve("redis");
    }

    Path logs() {
        return folder.resolve("logs");
    }

    /// The key that the processes prove their records with; made at first, for its owner only.
    Path clusterKey() {
        var file = folder.resolve("cluster.key");
        if (!Files.exists(file)) {
            var key = new byte[KEY_BYTES];
            new SecureRandom().nextBytes(key);
            try {
                Files.createFile(
                        file,
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
                Files.writeString(file, Base64.getEncoder().encodeToString(key) + "\n");
            } catch (IOException e) {
                throw new UncheckedIOException(file + " cannot be written", e);
            }
        }
        return file;
    }

    /// The apps file; a copy of the example at first, so that it can be edited.
    Path apps() {
        var file = folder.resolve("apps.yaml");
        if (!Files.exists(file)) {
            try {
                Files.copy(JavaModule.checkout().resolve("apps.example.yaml"), file);
            } catch (IOException e) {
                throw new UncheckedIOException(file + " cannot be written", e);
            }
        }
        return file;
    }

    /// Says where everything is, in a file of environment variables, until it is closed: the
    /// launcher gives them to the operator's tools.
    AutoCloseable announce(Map<String, String> variables) {
        var file = folder.resolve("up.env");
        var text = new StringBuilder();
        variables.forEach(
                (name, value) -> text.append(name).append('=').append(value).append('\n'));
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written", e);
        }
        return () -> Files.deleteIfExists(file);
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the lock of " + folder + " cannot be given back", e);
        }
    }

    private static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
