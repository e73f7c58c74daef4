package io.switchboard.operator;

import io.switchboard.runtime.Cli;
import io.switchboard.schemas.Json;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Prints a development JWT.
@Command(
        name = "token",
        mixinStandardHelpOptions = true,
        description = "Prints a development JWT for an agent, signed with the apps file's secret.")
final class TokenCommand implements Callable<Integer> {
    @Mixin private WhoFlags who = new WhoFlags();

    @Option(names = "--json", description = "One JSON object: token, app, uuid, roles, expiry.")
    private boolean json;

    @Override
    public Integer call() {
        var signed = who.sign();
        if (json) {
            var line =
                    Json.object()
                            .put("token", signed.token())
                            .put("app", signed.app())
                            .put("uuid", signed.uuid())
                            .put("expiry", signed.expiry().toString());
            signed.roles().forEach(line.putArray("roles")::add);
            System.out.println(line);
        } else {
            System.out.println(signed.token());
        }
        return Cli.DONE;
    }
}
