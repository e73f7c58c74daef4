package io.switchboard.operator;

import io.switchboard.runtime.Cli;
import io.switchboard.runtime.KafkaFlags;
import io.switchboard.schemas.ControlCommand;
import io.switchboard.schemas.Json;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// Ends an agent's connections, wherever they are.
@Command(
        name = "kick",
        mixinStandardHelpOptions = true,
        description =
                "Closes the present connections of an agent (close code 4503). What it has not acknowledged stays in its inbox. A good token may connect again: to keep somebody out, end the token.")
final class KickCommand implements Callable<Integer> {
    @Mixin private KafkaFlags kafka = new KafkaFlags();
    @Mixin private Print print = new Print();

    @Parameters(paramLabel = "APP/UUID", description = "The agent.")
    private String agent = "";

    @Override
    public Integer call() {
        try (var link = new KafkaLink(kafka)) {
            var kick = new ControlCommand.Kick(AddressFlags.agent("AGENT", agent), Instant.now());
            new ControlTopic(link).give(kick);
            print.line("Connections of %s are being closed.".formatted(kick.agent()));
            print.object(
                    Json.object()
                            .put("agent", kick.agent().toString())
                            .put("at", kick.at().toString()));
            return Cli.DONE;
        }
    }
}
