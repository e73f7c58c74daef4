package io.switchboard.runtime;

import io.switchboard.schemas.Json;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The one line that a process prints on standard output, once it does what it is for.
public final class Ready {
    private Ready() {}

    /// @param port null for a process that listens on its admin port only
    public static void print(String process, String id, @Nullable Integer port, int adminPort) {
        System.out.println(line(process, id, port, adminPort));
        System.out.flush();
    }

    static String line(String process, String id, @Nullable Integer port, int adminPort) {
        var line = Json.object().put("ready", process).put("id", id);
        if (port != null) {
            line.put("port", port);
        }
        line.put("admin_port", adminPort);
        return new String(Json.bytes(line), StandardCharsets.UTF_8);
    }
}
