package io.switchboard.operator;

import io.switchboard.runtime.Cli;
import io.switchboard.schemas.Json;
import java.util.List;

/// Prints findings as they come, and decides the exit code.
///
/// *Used by one thread.*
final class Report {
    private static final int INDENT = 6;
    private static final int WHAT = 20;

    private final Print print;
    private int failed;
    private int warned;

    Report(Print print) {
        this.print = print;
    }

    void add(List<Finding> findings) {
        findings.forEach(this::add);
    }

    void add(Finding finding) {
        switch (finding.state()) {
            case OK -> {}
            case WARN -> warned++;
            case FAIL -> failed++;
        }
        print.object(
                Json.object()
                        .put("check", finding.what())
                        .put("state", finding.state().word())
                        .put("said", finding.said()));
        var mark =
                switch (finding.state()) {
                    case OK -> "ok";
                    case WARN -> "warn";
                    case FAIL -> "FAIL";
                };
        var indent = " ".repeat(INDENT + WHAT + 1);
        var lines = wrap(Print.safe(finding.said()), print.width() - indent.length());
        print.line(
                "%-6s%-20s %s".formatted(mark, finding.what(), String.join("\n" + indent, lines)));
    }

    int end() {
        print.line("");
        print.line(
                failed == 0
                        ? warned == 0
                                ? "Everything holds."
                                : "Everything holds; %d things cost something.".formatted(warned)
                        : "%d things do not hold.".formatted(failed));
        return failed == 0 ? Cli.DONE : Cli.FAILED;
    }

    static List<String> wrap(String text, int width) {
        var lines = new java.util.ArrayList<String>();
        var line = new StringBuilder();
        for (var word : text.split(" ", -1)) {
            if (!line.isEmpty() && Table.width(line.toString()) + 1 + Table.width(word) > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
