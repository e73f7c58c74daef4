package io.switchboard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// README.zh-CN.md says what README.md says: the same commands and outputs, tables, figures, names
/// and links. Whoever changes one changes the other; only its sentences are its own.
final class ChineseReadmeTest {
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```.*?^```$");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ ");
    private static final Pattern ROW = Pattern.compile("(?m)^\\|.*\\|$");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)]+)\\)");
    private static final Pattern CODE = Pattern.compile("`[^`]+`");
    private static final Pattern FIGURE = Pattern.compile("\\d[\\d,.]*\\d|\\d");

    private static String english;
    private static String chinese;

    @BeforeAll
    static void read() throws IOException {
        english = Files.readString(Path.of("../README.md"));
        chinese = Files.readString(Path.of("../README.zh-CN.md"));
    }

    @Test
    void commandsAndOutputs_areTheSame() {
        assertThat(all(BLOCK, english)).hasSizeGreaterThan(5);
        assertThat(all(BLOCK, chinese)).isEqualTo(all(BLOCK, english));
    }

    @Test
    void sections_areTheSame_andSayTheSameNamesFiguresAndLinks() {
        assertThat(all(HEADING, chinese)).isEqualTo(all(HEADING, english));
        var ours = sections(english);
        var theirs = sections(chinese);
        for (int i = 0; i < ours.size(); i++) {
            for (var what : List.of(CODE, LINK, FIGURE)) {
                var wanted = all(what, ours.get(i));
                wanted.removeIf(each -> each.contains("README.zh-CN.md"));
                // It may say more: who comes from the example that began this is told what is new.
                assertThat(all(what, theirs.get(i))).containsAll(wanted);
            }
        }
    }

    @Test
    void tables_haveTheSameRows_withTheSameNamesFiguresAndLinks() {
        var ours = all(ROW, prose(english));
        var theirs = all(ROW, prose(chinese));

        assertThat(ours).hasSizeGreaterThan(20);
        assertThat(theirs).hasSameSizeAs(ours);
        for (int i = 0; i < ours.size(); i++) {
            for (var what : List.of(CODE, LINK, FIGURE)) {
                assertThat(all(what, theirs.get(i))).isEqualTo(all(what, ours.get(i)));
            }
        }
    }

    @Test
    void eachLeadsToTheOther() {
        assertThat(english).contains("](README.zh-CN.md)");
        assertThat(chinese).contains("](README.md)");
    }

    private static List<String> sections(String page) {
        return List.of(prose(page).split("(?m)^#+ "));
    }

    private static String prose(String page) {
        return BLOCK.matcher(page).replaceAll("");
    }

    private static List<String> all(Pattern what, String text) {
        return new ArrayList<>(what.matcher(text).results().map(MatchResult::group).toList());
    }
}
