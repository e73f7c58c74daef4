package io.switchboard.systemtests.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.switchboard.schemas.Json;
import io.switchboard.systemtests.History;
import io.switchboard.systemtests.harness.Stage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Pattern;

/// Asks for events again: by Kafka's own means on stopped dispatchers, and by `replay`, which is
/// killed in the middle now and then and goes on by its name.
///
/// Confined to one thread.
final class Operator {
    private static final Duration REPLAYED = Duration.ofSeconds(4);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int ATTEMPTS = 5;
    private static final int MOST_AGAIN = 60;

    /// What lanes call a redelivery of theirs; those of `replay` are named by us.
    private static final Pattern OF_A_LANE = Pattern.compile("[0-9a-f]{8}");

    private final Stage stage;
    private final SplittableRandom random;
    private final Set<History.Key> asked = new LinkedHashSet<>();
    private int resets;
    private int replays;

    Operator(Stage stage, SplittableRandom random) {
        this.stage = stage;
        this.random = random;
    }

    /// One lane's commit goes back by a few events.
    void reset() {
        var system = stage.system();
        system.stopDispatchers();
        try (var group = system.group()) {
            int partition = random.nextInt(system.topic().partitions());
            var committed = group.committed(partition);
            if (committed != null) {
                long back = random.nextLong(1, MOST_AGAIN);
                group.resetTo(partition, Math.max(0, committed.offset() - back));
                resets++;
            }
        }
        system.startDispatchers();
    }

    /// The last seconds of this run's app.
    void replay() {
        var id = "again-%s-%d".formatted(stage.app().name(), ++replays);
        var until = Instant.now();
        var arguments =
                new ArrayList<>(List.of("replay", "--json", "--redelivery", id, "--rate", "500"));
        arguments.addAll(List.of("--app", stage.app().name()));
        arguments.addAll(List.of("--since", until.minus(REPLAYED).toString()));
        arguments.addAll(List.of("--until", until.toString()));
        arguments.addAll(stage.system().appsAndKey());
        boolean done = random.nextBoolean() && run(arguments, id, random.nextLong(400, 2_500));
        for (int attempt = 0; !done; attempt++) {
            if (attempt == ATTEMPTS) {
                throw new IllegalStateException("replay %s does not succeed".formatted(id));
            }
            done = run(arguments, id, PATIENCE.toMillis());
        }
    }

    /// @return whether it came to its end in that time; it is killed otherwise
    private boolean run(List<String> arguments, String id, long millis) {
        try (var tool = stage.system().startTool(arguments.toArray(String[]::new))) {
            boolean ended = tool.awaitExit(Duration.ofMillis(millis));
            if (!ended) {
                tool.kill();
            }
            note(tool.log(), id);
            return ended && tool.exitCode() == 0;
        }
    }

    private void note(Path output, String id) {
        try {
            for (var line : Files.readAllLines(output)) {
                var said = Json.readObject(line.getBytes(UTF_8));
                if (said != null && said.path("sent").isBoolean()) {
                    asked.add(new History.Key(said.path("event").asText(), id));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("no output of replay", e);
        }
    }

    /// What no checker sees: events that were asked for again and came to nobody, and a reset that
    /// was obeyed twice.
    List<String> complaints(History history) {
        var came = new HashSet<History.Key>();
        var ofLanes = new HashSet<String>();
        for (var line : history.lines()) {
            if (line.event() instanceof History.Handled handled) {
                came.add(handled.key());
                if (OF_A_LANE.matcher(handled.key().redelivery()).matches()) {
                    ofLanes.add(handled.key().redelivery());
                }
            }
        }
        var complaints = new ArrayList<String>();
        asked.stream()
                .filter(key -> !Producers.isBrief(key.event()) && !came.contains(key))
                .forEach(key -> complaints.add(key + " was sent again and came to nobody"));
        if (ofLanes.size() > resets) {
            complaints.add("%d resets made the redeliveries %s".formatted(resets, ofLanes));
        }
        return complaints;
    }
}
