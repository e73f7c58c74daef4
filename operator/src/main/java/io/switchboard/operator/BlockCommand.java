package io.switchboard.operator;

import io.switchboard.runtime.Cli;
import io.switchboard.runtime.KafkaFlags;
import io.switchboard.runtime.Unusable;
import io.switchboard.schemas.ControlCommand;
import io.switchboard.schemas.Json;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// Shuts an app out, everywhere, within a second.
@Command(
        name = "block",
        mixinStandardHelpOptions = true,
        description =
                "Shuts an app out: its producers are refused, its browsers closed and kept out, whatever the apps file says, until `unblock`. Without an app: which are blocked.")
final class BlockCommand implements Callable<Integer> {
    @Mixin private KafkaFlags kafka = new KafkaFlags();
    @Mixin private Print print = new Print();

    @Parameters(arity = "0..1", paramLabel = "APP", description = "The app's name.")
    private @Nullable String app;

    @Override
    public Integer call() {
        try (var link = new KafkaLink(kafka)) {
            var control = new ControlTopic(link);
            if (app == null) {
                list(control);
                return Cli.DONE;
            }
            var command = command(app);
            control.give(command);
            print.line(
                    "App '%s' is blocked; every process knows within a second. `unblock %s` lifts it."
                            .formatted(app, app));
            print.object(json(command).put("blocked", true));
            return Cli.DONE;
        }
    }

    private void list(ControlTopic control) {
        var table = Table.of("APP", "BLOCKED SINCE (UTC)");
        for (var block : control.blocks()) {
            table.row(block.app(), Moments.time(block.at()));
            print.object(json(block).put("blocked", true));
        }
        if (table.isEmpty()) {
            print.line("No app is blocked.");
        } else {
            print.table(table);
        }
    }

    static ControlCommand.Block command(String app) {
        try {
            return new ControlCommand.Block(app, Instant.now());
        } catch (IllegalArgumentException e) {
            throw new Unusable(String.valueOf(e.getMessage()));
        }
    }

    static com.fasterxml.jackson.databind.node.ObjectNode json(ControlCommand.Block block) {
        return Json.object().put("app", block.app()).put("at", block.at().toString());
    }
}
