package io.switchboard.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.schemas.Json;
import org.junit.jupiter.api.Test;

class HandledTest {
    private final Handled handled = new Handled();

    @Test
    void anEventIsNewOnce_andItsRedeliveryOnceMore() {
        var event = event("e1", "t.0.1");

        assertThat(handled.isNew(event)).isTrue();
        handled.add(event);

        assertThat(handled.isNew(event("e1", "t.0.9"))).isFalse();
        assertThat(handled.isNew(event("e1", "t.0.9").put("redelivered", "r1"))).isTrue();
    }

    @Test
    void theOldestIdsAreForgotten() {
        for (var i = 0; i <= Handled.IDS_KEPT; i++) {
            handled.add(event("e" + i, "t.0." + i));
        }

        assertThat(handled.isNew(event("e0", "t.0.0"))).isTrue();
        assertThat(handled.isNew(event("e1", "t.0.1"))).isFalse();
    }

    @Test
    void positionsAreThoseOfTheLastEvent_orOfWhatWasLost() {
        handled.add(event("e1", "t.0.1"));
        handled.skip(Json.object().put("to", "app").put("through", "t.3.7"));

        assertThat(handled.positions())
                .isEqualTo(Json.object().put("agent", "t.0.1").put("app", "t.3.7"));
    }

    private static ObjectNode event(String id, String position) {
        return Json.object().put("id", id).put("to", "agent").put("pos", position);
    }
}
