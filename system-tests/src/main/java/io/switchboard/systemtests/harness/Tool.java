package io.switchboard.systemtests.harness;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.switchboard.operator.OperatorMain;
import io.switchboard.schemas.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// An operator at the command line, told by the environment where the system's servers are. The
/// tools run in this JVM: they are the same, and start at once.
///
/// Immutable.
public final class Tool {
    private final Map<String, String> env;

    private Tool(Map<String, String> env) {
        this.env = Map.copyOf(env);
    }

    public static Tool of(SwitchboardSystem system) {
        return new Tool(
                Map.of(
                        "SWITCHBOARD_KAFKA",
                        system.infra().kafka(),
                        "SWITCHBOARD_REDIS",
                        system.infra().redisUrl(),
                        "SWITCHBOARD_APPS",
                        system.appsFile().toString(),
                        "SWITCHBOARD_CLUSTER_KEY_FILE",
                        system.clusterKeyFile().toString()));
    }

    /// The same, but for one variable.
    public Tool with(String variable, String value) {
        var changed = new HashMap<>(env);
        changed.put(variable, value);
        return new Tool(changed);
    }

    /// What a command answered.
    public record Said(int code, String out, String err) {
        /// Of a command that was asked for JSON: one object a line.
        public List<ObjectNode> objects() {
            return out.lines()
                    .map(
                            line ->
                                    Objects.requireNonNull(
                                            Json.readObject(line.getBytes(UTF_8)), line))
                    .toList();
        }

        /// The first that has this field with this value.
        public @Nullable ObjectNode object(String field, String value) {
            return objects().stream()
                    .filter(each -> each.path(field).asText().equals(value))
                    .findFirst()
                    .orElse(null);
        }
    }

    public Said run(String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        int code =
                OperatorMain.line(env)
                        .setOut(new PrintWriter(out))
                        .setErr(new PrintWriter(err))
                        .execute(arguments);
        return new Said(code, out.toString(), err.toString());
    }

    /// With `--json`; it must succeed.
    public Said json(String... arguments) {
        var asked = Arrays.copyOf(arguments, arguments.length + 1);
        asked[arguments.length] = "--json";
        var said = run(asked);
        if (said.code() != 0) {
            throw new AssertionError("%s: %s".formatted(Arrays.toString(arguments), said));
        }
        return said;
    }
}
