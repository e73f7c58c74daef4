package io.switchboard.edge.socket;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;

/// What a fuzzer found worth keeping for one target: a text file of that name, an input a line, as
/// base64, the shortest first.
final class Corpus {
    static final Path FOLDER = Path.of("src", "test", "corpus");
    private static final String ENDING = ".txt";

    /// The shortest: a repository is no store of inputs.
    private static final int MOST = 200;

    private Corpus() {}

    static String name(Path corpus) {
        var file = corpus.getFileName().toString();
        return file.substring(0, file.length() - ENDING.length());
    }

    static List<byte[]> read(Path corpus) throws IOException {
        return Files.readAllLines(corpus).stream().map(Base64.getDecoder()::decode).toList();
    }

    static void unpack(Path corpus, Path into) throws IOException {
        int number = 0;
        for (var each : read(corpus)) {
            Files.write(into.resolve("kept-" + number++), each);
        }
    }

    static void pack(Path from, Path corpus) throws IOException {
        var lines = new ArrayList<String>();
        try (var files = Files.list(from)) {
            for (var each : files.toList()) {
                lines.add(Base64.getEncoder().encodeToString(Files.readAllBytes(each)));
            }
        }
        lines.sort(Comparator.comparingInt(String::length).thenComparing(line -> line));
        Files.write(corpus, lines.subList(0, Math.min(MOST, lines.size())));
    }
}
