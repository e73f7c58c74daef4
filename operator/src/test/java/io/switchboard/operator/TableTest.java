package io.switchboard.operator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class TableTest {
    @Test
    void columnsAreAsWideAsWhatTheyHold_numbersToTheRight() {
        var table = Table.of("LANE", ">LAG", "OWNER");
        table.row("0", 7, "dispatcher-1");
        table.row("1", 12345, "");

        assertThat(table.render(100))
                .isEqualTo(
                        """
                        LANE    LAG  OWNER
                        0         7  dispatcher-1
                        1     12345
                        """);
    }

    @Test
    void lastColumnGoesOnBelowItself_whenALineWouldNotFit() {
        var table = Table.of("KEY", "WHY");
        table.row("a-key", "because it was far too long for the line that it had to stand in");

        assertThat(table.render(40))
                .isEqualTo(
                        """
                        KEY    WHY
                        a-key  because it was far too long for
                               the line that it had to stand in
                        """);
    }

    @Test
    void widestTextIsCut_whenEvenThatDoesNotFit() {
        var table = Table.of("KEY", "WHY");
        table.row(
                "a-key-that-is-as-long-as-a-line",
                "because it is so long that it must go on below");

        var lines = table.render(50).lines().toList();

        assertThat(lines.get(1)).matches("a-key-that-is-as\\S*…  because it .*");
        assertThat(lines).allMatch(line -> Table.width(line) <= 50);
    }

    @Test
    void chineseTakesTwoColumnsACharacter() {
        var table = Table.of("A", "B");
        table.row("工单", "x");
        table.row("abcd", "y");

        assertThat(table.render(80)).isEqualTo("A     B\n工单  x\nabcd  y\n");
        assertThat(Table.cut("你有一条新工单", 7)).isEqualTo("你有一…");
    }

    @Test
    void whatCameFromOutside_doesNotWriteToTheTerminal() {
        var table = Table.of("A");
        table.row("a\u001b[2Jb\nc");

        assertThat(table.render(80)).isEqualTo("A\na [2Jb c\n");
    }
}
