package io.switchboard.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class BlockedAppsTest {
    private static Apps.App app(String name, Apps.Status status) {
        return new Apps.App(name, status, Set.of(), List.of(), Map.of(), null, Set.of());
    }

    @Test
    void blockedAppIsNotActive_theOthersAreAsTheFileSays() {
        var apps =
                new Apps(
                        Map.of(
                                "a", app("a", Apps.Status.ACTIVE),
                                "b", app("b", Apps.Status.ACTIVE),
                                "c", app("c", Apps.Status.DELETED)),
                        Map.of());

        var admitted = BlockedApps.without(apps, Set.of("a", "c", "unknown"));

        assertThat(admitted.app("a").status()).isEqualTo(Apps.Status.BLOCKED);
        assertThat(admitted.app("b").status()).isEqualTo(Apps.Status.ACTIVE);
        assertThat(admitted.app("c").status()).isEqualTo(Apps.Status.DELETED);
        assertThat(admitted.apps()).hasSize(3);
    }
}
