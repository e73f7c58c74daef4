package io.switchboard.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ControlCommandTest {
    private static final Instant AT = Instant.parse("2026-11-24T18:00:00.123Z");

    @Test
    void commandsAreReadBackAsTheyWere() {
        var commands =
                List.of(
                        new ControlCommand.Block("helpdesk", AT),
                        new ControlCommand.Kick(new Address.Agent("helpdesk", "ada@x:1"), AT),
                        new ControlCommand.Drain("edge-1", 7L, AT),
                        new ControlCommand.Drain("edge-2", null, AT),
                        new ControlCommand.Lanes(
                                "worksheet.events",
                                "abcDEF",
                                ControlCommand.Lanes.Step.DONE,
                                2,
                                4,
                                List.of(new Growth(2, 4, AT, List.of(7L, 0L))),
                                AT));

        for (var command : commands) {
            assertThat(ControlCommand.decode(command.key(), command.value()))
                    .isEqualTo(new ControlCommand.Read(command.keyText(), command));
        }
        assertThat(commands.stream().map(ControlCommand::keyText))
                .containsExactly(
                        "block:helpdesk",
                        "kick:helpdesk/ada@x:1",
                        "drain:edge-1",
                        "drain:edge-2",
                        "lanes:worksheet.events");
    }

    @Test
    void lanesGrowByAMultiple_andEachIsCutSomewhere() {
        assertThatThrownBy(() -> Growth.checkCounts(8, 12))
                .hasMessageStartingWith("lanes: 8 to 12 (expected: a multiple");
        assertThatThrownBy(() -> Growth.checkCounts(8, 8))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Growth(2, 4, AT, List.of(7L)))
                .hasMessageStartingWith("cuts: 1 (expected: 2");
    }

    @Test
    void keyWithoutAValue_takesTheCommandBack() {
        var key = new ControlCommand.Block("helpdesk", AT).key();

        assertThat(ControlCommand.decode(key, null))
                .isEqualTo(new ControlCommand.Read("block:helpdesk", null));
    }

    @Test
    void whatIsNoCommand_isRefused_withItsKey() {
        var value = new ControlCommand.Drain("e", null, AT).value();

        for (var key : List.of("", "halt:e", "kick:helpdesk", "block:a/b", "drain:")) {
            assertThatThrownBy(() -> ControlCommand.decode(key.getBytes(UTF_8), value))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        for (var text : List.of("", "[]", "{}", "{\"at\":\"soon\"}")) {
            assertThatThrownBy(
                            () ->
                                    ControlCommand.decode(
                                            "drain:e".getBytes(UTF_8), text.getBytes(UTF_8)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("drain:e");
        }
    }
}
