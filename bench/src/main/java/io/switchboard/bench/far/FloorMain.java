package io.switchboard.bench.far;

import java.io.IOException;
import java.util.Map;

/// The baseline: what Kafka and sockets cost by themselves. `forward <kafka> <from> <to>` reads a
/// topic and writes what it reads to another; `push <kafka> <topic>…` reads topics and writes what
/// it reads to WebSockets. No inbox, no order kept over a reconnect, nothing acknowledged. With
/// both there are two hops, as in the system; with the second alone there is one.
public final class FloorMain {
    private FloorMain() {}

    public static void main(String... args) throws IOException {
        switch (args[0]) {
            case "forward" -> {
                new Forward(args[1], args[2], args[3]).start();
                Control.serve("forward", Map.of());
            }
            case "push" -> {
                var push = new Push(args[1], java.util.List.of(args).subList(2, args.length));
                push.start();
                Control.serve(
                        "push",
                        Map.of(
                                "port",
                                _ ->
                                        io.switchboard.schemas.Json.object()
                                                .put("listening", push.port())));
            }
            default -> throw new IllegalArgumentException(args[0] + " (expected: forward or push)");
        }
        System.exit(0);
    }
}
