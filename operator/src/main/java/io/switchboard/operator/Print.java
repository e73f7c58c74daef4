package io.switchboard.operator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.schemas.Json;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// The two ways in which every tool answers: a table for people, or one JSON object a line for
/// programs.
public final class Print {
    private static final int WIDTH = 100;
    private static final int NARROWEST = 60;
    private static final int WIDEST = 200;

    @Option(names = "--json", description = "One JSON object a line, for programs.")
    private boolean json;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    public Print() {}

    boolean json() {
        return json;
    }

    /// One line of the answer for programs; nothing when a person asked.
    void object(ObjectNode node) {
        if (json) {
            out().println(new String(Json.bytes(node), StandardCharsets.UTF_8));
            out().flush();
        }
    }

    /// Part of the answer for a person; nothing when a program asked.
    void table(Table table) {
        if (!json) {
            out().print(table.render(width()));
            out().flush();
        }
    }

    void line(String text) {
        if (!json) {
            out().println(text);
            out().flush();
        }
    }

    /// Beside the answer, whoever asked.
    void note(String text) {
        err().println(text);
        err().flush();
    }

    /// What came from outside must not write to the operator's terminal.
    static String safe(String text) {
        var line = new StringBuilder();
        text.codePoints().forEach(c -> line.appendCodePoint(Character.isISOControl(c) ? ' ' : c));
        return line.toString();
    }

    int width() {
        var columns = System.getenv("COLUMNS");
        if (columns == null || !columns.matches("\\d{1,4}")) {
            return WIDTH;
        }
        return Math.clamp(Integer.parseInt(columns), NARROWEST, WIDEST);
    }

    private PrintWriter out() {
        return line().getOut();
    }

    private PrintWriter err() {
        return line().getErr();
    }

    private CommandLine line() {
        if (command == null) {
            throw new IllegalStateException("Print is used before picocli has set it up");
        }
        return command.commandLine();
    }
}
