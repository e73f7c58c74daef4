package io.switchboard.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.quickstart.JavaModule;
import io.switchboard.schemas.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/// What a case found: rows as JSON, and what a person reads.
///
/// Owned by its case.
final class Result {
    private final String name;
    private final boolean json;
    private final PrintStream out;
    private final List<ObjectNode> rows = new ArrayList<>();
    private final StringBuilder page = new StringBuilder();

    Result(String name, boolean json, PrintStream out) {
        this.name = name;
        this.json = json;
        this.out = out;
    }

    /// A row of this case, to be filled.
    ObjectNode row() {
        return Json.object().put("case", name);
    }

    void add(ObjectNode row) {
        rows.add(row);
        if (json) {
            out.println(row);
            out.flush();
        }
    }

    void say(String line) {
        page.append(line).append('\n');
        if (!json) {
            out.println(line);
            out.flush();
        }
    }

    /// A table: the first row is its head; numbers are set right.
    void table(List<List<String>> table) {
        int columns = table.getFirst().size();
        var widths = new int[columns];
        for (var row : table) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (var row : table) {
            var line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                line.append(i == 0 ? "%-" + widths[i] + "s" : "  %" + widths[i] + "s");
            }
            say(line.toString().formatted(row.toArray()).stripTrailing());
        }
        say("");
    }

    /// Keeps both under `bench/results`, with where and of what it was measured.
    void save(String as) throws IOException {
        var command = System.getProperty("switchboard.command", "./switchboard bench " + name);
        var machine = Machine.facts(command);
        var folder = JavaModule.checkout().resolve("bench/results");
        Files.createDirectories(folder);
        var lines = new StringBuilder(machine + "\n");
        rows.forEach(each -> lines.append(each).append('\n'));
        Files.writeString(folder.resolve(as + ".json"), lines);
        Files.writeString(
                folder.resolve(as + ".txt"),
                "%s%n%s, %d cores, %d GB, JDK %s, commit %s, %s%n%n%s"
                        .formatted(
                                command,
                                machine.path("cpu").asText(),
                                machine.path("cores").asInt(),
                                machine.path("memory_gb").asInt(),
                                machine.path("jdk").asText(),
                                machine.path("commit").asText(),
                                machine.path("at").asText(),
                                page));
    }
}
