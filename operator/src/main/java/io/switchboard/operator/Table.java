package io.switchboard.operator;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Rows for people: columns as wide as what they hold, two spaces between. Where a line would not
/// fit, the last column, if it is text, goes on below itself; what is still too wide is cut (`…`).
///
/// Chinese and its neighbours take two columns a character on a terminal; widths count that.
///
/// *Used by one thread.*
final class Table {
    private static final int GAP = 2;
    private static final int NARROWEST = 8;
    private static final int NARROWEST_LAST = 30;

    /// Unicode's East Asian wide and full-width blocks, and pictographs.
    private static final int[][] WIDE = {
        {0x1100, 0x115F},
        {0x2E80, 0xA4CF},
        {0xAC00, 0xD7A3},
        {0xF900, 0xFAFF},
        {0xFE30, 0xFE6F},
        {0xFF00, 0xFF60},
        {0xFFE0, 0xFFE6},
        {0x1F300, 0x1FAFF},
        {0x20000, 0x3FFFD}
    };

    private final List<Column> columns;
    private final List<List<String>> rows = new ArrayList<>();

    /// @param right for numbers
    private record Column(String title, boolean right) {}

    private Table(List<Column> columns) {
        this.columns = columns;
    }

    /// @param titles of the columns; one that begins with `>` is aligned to the right
    static Table of(String... titles) {
        var columns = new ArrayList<Column>();
        for (var title : titles) {
            var right = title.startsWith(">");
            columns.add(new Column(right ? title.substring(1) : title, right));
        }
        return new Table(List.copyOf(columns));
    }

    void row(Object... cells) {
        if (cells.length != columns.size()) {
            throw new IllegalArgumentException(
                    "row of %d cells (expected: %d)".formatted(cells.length, columns.size()));
        }
        var row = new ArrayList<String>();
        for (var cell : cells) {
            row.add(Print.safe(cell.toString()));
        }
        rows.add(row);
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    String render(int width) {
        var widths = widths(width);
        var text = new StringBuilder();
        line(text, columns.stream().map(Column::title).toList(), widths);
        for (var row : rows) {
            wrapped(row, widths).forEach(each -> line(text, each, widths));
        }
        return text.toString();
    }

    private int[] widths(int width) {
        var widths = new int[columns.size()];
        for (int i = 0; i < widths.length; i++) {
            widths[i] = width(columns.get(i).title());
            for (var row : rows) {
                widths[i] = Math.max(widths[i], width(row.get(i)));
            }
        }
        int over = -GAP - width;
        for (var each : widths) {
            over += each + GAP;
        }
        int last = widths.length - 1;
        if (over > 0 && !columns.get(last).right()) {
            int taken = Math.min(over, Math.max(0, widths[last] - NARROWEST_LAST));
            widths[last] -= taken;
            over -= taken;
        }
        while (over > 0) {
            int widest = widestText(widths);
            if (widths[widest] <= NARROWEST) {
                break;
            }
            widths[widest]--;
            over--;
        }
        return widths;
    }

    private static List<List<String>> wrapped(List<String> row, int[] widths) {
        int last = widths.length - 1;
        var lines = new ArrayList<List<String>>();
        for (var part : Report.wrap(row.get(last), widths[last])) {
            var line = new ArrayList<>(lines.isEmpty() ? row : Collections.nCopies(last + 1, ""));
            line.set(last, part);
            lines.add(line);
        }
        return lines;
    }

    private int widestText(int[] widths) {
        int widest = 0;
        for (int i = 1; i < widths.length; i++) {
            if (columns.get(widest).right()
                    || (!columns.get(i).right() && widths[i] > widths[widest])) {
                widest = i;
            }
        }
        return widest;
    }

    private void line(StringBuilder text, List<String> cells, int[] widths) {
        int start = text.length();
        for (int i = 0; i < widths.length; i++) {
            var cell = cut(cells.get(i), widths[i]);
            var pad = " ".repeat(Math.max(0, widths[i] - width(cell)));
            text.append(i == 0 ? "" : " ".repeat(GAP));
            text.append(columns.get(i).right() ? pad + cell : cell + pad);
        }
        int end = text.length();
        while (end > start && text.charAt(end - 1) == ' ') {
            end--;
        }
        text.setLength(end);
        text.append('\n');
    }

    static String cut(String text, int width) {
        if (width(text) <= width) {
            return text;
        }
        var kept = new StringBuilder();
        int used = 1;
        for (int i = 0; i < text.length(); ) {
            int codePoint = text.codePointAt(i);
            used += width(codePoint);
            if (used > width) {
                break;
            }
            kept.appendCodePoint(codePoint);
            i += Character.charCount(codePoint);
        }
        return kept.append('…').toString();
    }

    static int width(String text) {
        return text.codePoints().map(Table::width).sum();
    }

    private static int width(int codePoint) {
        if (Character.getType(codePoint) == Character.NON_SPACING_MARK) {
            return 0;
        }
        for (var range : WIDE) {
            if (codePoint >= range[0] && codePoint <= range[1]) {
                return 2;
            }
        }
        return 1;
    }
}
