package io.switchboard.edge.socket;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Everything that a fuzzer ever found interesting here, once more. [JazzerTest] looks for more.
class CorpusTest {
    static Stream<Path> corpora() throws IOException {
        try (var files = Files.list(Corpus.FOLDER)) {
            return files.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("corpora")
    void whatWasFound_isAnsweredOrRefused(Path corpus) throws Exception {
        var target =
                Class.forName(FuzzTargets.class.getName() + "$" + Corpus.name(corpus))
                        .getMethod("fuzzerTestOneInput", byte[].class);
        for (var each : Corpus.read(corpus)) {
            try {
                target.invoke(null, (Object) each);
            } catch (InvocationTargetException e) {
                throw new AssertionError(Base64.getEncoder().encodeToString(each), e.getCause());
            }
        }
    }
}
