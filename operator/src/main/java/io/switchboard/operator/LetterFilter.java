package io.switchboard.operator;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which dead letters are meant. All that is given must hold.
final class LetterFilter {
    @Option(
            names = "--code",
            paramLabel = "CODE",
            description = "With this error code, e.g. 10203 (url is unknown).")
    private @Nullable Integer code;

    @Option(names = "--of-app", paramLabel = "APP", description = "Verified as this app's.")
    private @Nullable String app;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "Since then: RFC 3339, or a span before now as 2h.")
    private @Nullable String since;

    boolean isEmpty() {
        return code == null && app == null && since == null;
    }

    List<Letter> of(List<Letter> letters, Instant now) {
        var from = since == null ? Instant.EPOCH : Moments.parse("--since", since, now);
        return letters.stream()
                .filter(each -> code == null || each.letter().error().code() == code)
                .filter(each -> app == null || app.equals(each.letter().app()))
                .filter(each -> !each.at().isBefore(from))
                .toList();
    }
}
