package io.switchboard.operator;

import io.switchboard.runtime.Apps;
import io.switchboard.runtime.AppsFlags;
import io.switchboard.runtime.Unusable;
import org.jspecify.annotations.Nullable;

/// Files that a tool looks into if they are there, and does without otherwise.
final class OperatorFiles {
    private OperatorFiles() {}

    /// Needed only to name the app of records that carry a `chat_token`.
    static @Nullable Apps appsIfAny(AppsFlags flags) {
        try (var file = flags.open()) {
            return file.current();
        } catch (Unusable _) {
            return null;
        }
    }
}
