package io.switchboard.operator;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.schemas.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/// The tools, run inside this process: what they say to programs is what the console shows, so
/// that both always say the same.
///
/// Thread-safe.
class ToolBox {
    /// Each opens connections of its own.
    private static final int AT_ONCE = 4;

    private final CommandLine.IDefaultValueProvider defaults;
    private final Semaphore places = new Semaphore(AT_ONCE, true);

    /// @param given flags of the console's own, by their longest names, which the tools get too
    /// @param others where every other value comes from
    ToolBox(Map<String, String> given, CommandLine.IDefaultValueProvider others) {
        this.defaults =
                argument -> {
                    var own =
                            argument instanceof OptionSpec option
                                    ? given.get(option.longestName())
                                    : null;
                    return own == null ? others.defaultValue(argument) : own;
                };
    }

    /// @param command its name and flags, of our own making
    /// @param operands what came from outside: never taken for a flag or the name of a file
    /// @return `{"code":…,"lines":[…],"error":…}`
    ObjectNode run(List<String> command, String... operands) throws InterruptedException {
        var arguments = new java.util.ArrayList<>(command);
        arguments.add("--json");
        arguments.add("--");
        arguments.addAll(List.of(operands));
        var out = new StringWriter();
        var err = new StringWriter();
        places.acquire();
        int code;
        try {
            code =
                    OperatorMain.line(Map.of())
                            .setDefaultValueProvider(defaults)
                            .setExpandAtFiles(false)
                            .setOut(new PrintWriter(out))
                            .setErr(new PrintWriter(err))
                            .execute(arguments.toArray(String[]::new));
        } finally {
            places.release();
        }
        var answer = Json.object().put("code", code);
        answer.set("lines", lines(out.toString()));
        return answer.put("error", err.toString().strip());
    }

    private static ArrayNode lines(String said) {
        var lines = Json.MAPPER.createArrayNode();
        said.lines()
                .map(line -> Json.readObject(line.getBytes(StandardCharsets.UTF_8)))
                .filter(line -> line != null)
                .forEach(lines::add);
        return lines;
    }
}
