package io.switchboard.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AddressTest {

    @ParameterizedTest
    @ValueSource(strings = {"agent:helpdesk/ada", "role:helpdesk/second-line", "app:helpdesk"})
    void text_isReadBackAsItWas(String text) {
        assertThat(Address.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ada",
                "agent:helpdesk",
                "agent:help desk/ada",
                "agent:helpdesk/",
                "role:helpdesk/a/b",
                "app:",
                "app:helpdesk/x",
                "team:helpdesk/ada",
                "agent:helpdesk/a|b"
            })
    void malformedText_isRefusedByName(String text) {
        assertThatThrownBy(() -> Address.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected:");
    }

    @Test
    void partition_isWhatKafkasOwnPartitionerComputes() {
        for (int i = 0; i < 1000; i++) {
            var address = new Address.Agent("helpdesk", "agent-" + i);
            assertThat(address.partition(64))
                    .isEqualTo(BuiltInPartitioner.partitionForKey(address.key(), 64));
        }
    }

    @Test
    void feed_isTheBrowsersKey() {
        assertThat(Address.parse("agent:helpdesk/ada").feed()).isEqualTo("agent");
        assertThat(Address.parse("role:helpdesk/second").feed()).isEqualTo("role:second");
        assertThat(Address.parse("app:helpdesk").feed()).isEqualTo("app");
    }
}
