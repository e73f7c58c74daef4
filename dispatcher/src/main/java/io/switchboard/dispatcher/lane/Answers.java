package io.switchboard.dispatcher.lane;

import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Brings what a lane asked for back onto its owner's thread, unless the lane has moved on since:
/// an answer belongs to the step in which it was asked for, and a lane to one assignment.
///
/// Owned by the lane's owner.
final class Answers {
    private final Ports.Door door;
    private long step;
    private boolean over;

    Answers(Ports.Door door) {
        this.door = door;
    }

    /// From now on answers to what was asked before are ignored.
    void moveOn() {
        step++;
    }

    /// No answer is taken any more.
    void end() {
        over = true;
    }

    <T> void inThisStep(
            CompletionStage<T> asked, Consumer<? super T> then, Consumer<Throwable> failed) {
        long at = step;
        take(
                asked,
                value -> ifStill(at, () -> then.accept(value)),
                thrown -> ifStill(at, () -> failed.accept(thrown)));
    }

    /// As long as the lane lives, whatever step it is in by then.
    <T> void always(
            CompletionStage<T> asked, Consumer<? super T> then, Consumer<Throwable> failed) {
        take(asked, then, failed);
    }

    /// Whether the lane is, later, in the step that it is in now.
    BooleanSupplier stillInThisStep() {
        long at = step;
        return () -> at == step;
    }

    private void ifStill(long asked, Runnable then) {
        if (asked == step) {
            then.run();
        }
    }

    private <T> void take(
            CompletionStage<T> asked, Consumer<? super T> then, Consumer<Throwable> failed) {
        asked.whenComplete(
                (value, thrown) ->
                        door.enter(
                                () -> {
                                    if (over) {
                                        return;
                                    }
                                    if (thrown == null) {
                                        then.accept(value);
                                    } else {
                                        failed.accept(cause(thrown));
                                    }
                                }));
    }

    private static Throwable cause(Throwable thrown) {
        var at = thrown;
        while (at instanceof CompletionException && at.getCause() != null) {
            at = at.getCause();
        }
        return at;
    }
}
