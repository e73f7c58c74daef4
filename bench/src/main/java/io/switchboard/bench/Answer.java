package io.switchboard.bench;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What an asynchronous call answers, for cases that have nothing else to do meanwhile.
final class Answer {
    private Answer() {}

    static <T extends @Nullable Object> T of(CompletionStage<T> call, Duration patience)
            throws Exception {
        return call.toCompletableFuture().get(patience.toMillis(), TimeUnit.MILLISECONDS);
    }
}
