package io.switchboard.inbox;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/// A long list in several calls, one after the other, so that none holds a shard for more than a
/// few milliseconds.
final class Parts {
    private Parts() {}

    /// One at least, if of nothing.
    static <T> List<List<T>> of(List<T> whole, int most) {
        var parts = new ArrayList<List<T>>();
        for (int from = 0; from == 0 || from < whole.size(); from += most) {
            parts.add(whole.subList(from, Math.min(whole.size(), from + most)));
        }
        return parts;
    }

    /// What all calls answered, in order; the first failure ends it.
    static <P, R> CompletionStage<List<R>> inTurn(
            List<P> parts, Function<P, CompletionStage<List<R>>> call) {
        CompletionStage<List<R>> done = CompletableFuture.completedFuture(List.of());
        for (var each : parts) {
            done =
                    done.thenCompose(
                            before -> call.apply(each).thenApply(last -> joined(before, last)));
        }
        return done;
    }

    static <R> List<R> joined(List<R> before, List<R> last) {
        if (before.isEmpty()) {
            return last;
        }
        var all = new ArrayList<R>(before);
        all.addAll(last);
        return all;
    }
}
