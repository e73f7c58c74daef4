package io.switchboard.bench;

import io.switchboard.runtime.Unusable;
import java.util.ArrayList;
import java.util.List;

/// The system and the baselines beside it, ready to be measured in turn: browsers online, each
/// stack with its own. The system is the last.
final class Stacks {
    private static final String SOCKET_IO = "socketio";
    private static final int BROWSERS_A_PROCESS = 7_500;

    private Stacks() {}

    /// Each event to one agent, who acknowledges it as the SDK does.
    static List<Stack> unicast(Rig rig, int agents, List<String> beside) {
        return open(rig, agents, beside, false);
    }

    /// Each event to a role that every agent has. Nobody acknowledges: a page need not, since a
    /// role's event is settled by the first one who does.
    static List<Stack> broadcast(Rig rig, int agents, List<String> beside) {
        return open(rig, agents, beside, true);
    }

    private static List<Stack> open(Rig rig, int agents, List<String> beside, boolean toRole) {
        int lanes = rig.plan().lanes();
        int fanOut = toRole ? agents : 1;
        var ours = rig.startSystem(1, 1);
        int floor = beside.stream().allMatch(SOCKET_IO::equals) ? 0 : Floor.start(rig);
        var stacks = new ArrayList<Stack>();
        for (var name : beside) {
            boolean socketIo = name.equals(SOCKET_IO);
            int port = socketIo ? SocketIo.serve(rig) : floor;
            var crowd =
                    Crowd.open(
                            browsers(rig, name, agents),
                            name,
                            Crowd.Plan.of(socketIo ? "socket_io" : "floor", List.of(port), agents));
            stacks.add(new Stack(name, baseline(rig, name, agents, toRole), crowd, fanOut));
        }
        var plan = Crowd.Plan.of("switchboard", ours, agents);
        var crowd =
                Crowd.open(
                        browsers(rig, "switchboard", agents),
                        "switchboard",
                        toRole ? plan.withRole(Rig.ROLE).silent() : plan);
        stacks.add(
                new Stack(
                        "switchboard",
                        events(rig, rig.topic().name(), lanes, agents, toRole),
                        crowd,
                        fanOut));
        return stacks;
    }

    private static Load.Sender baseline(Rig rig, String name, int agents, boolean toRole) {
        return switch (name) {
            case "floor" -> events(rig, Floor.TWO_HOPS, rig.plan().lanes(), agents, toRole);
            case "one-hop" -> events(rig, Floor.ONE_HOP, rig.plan().lanes(), agents, toRole);
            case SOCKET_IO -> {
                var socketIo = SocketIo.publish(rig, toRole ? 0 : agents);
                rig.opened(socketIo);
                yield socketIo;
            }
            default ->
                    throw new Unusable(
                            "--beside: '%s' (expected: floor, one-hop or socketio)"
                                    .formatted(name));
        };
    }

    private static Events events(Rig rig, String topic, int lanes, int agents, boolean toRole) {
        var events =
                toRole
                        ? Events.toRole(rig.kafka(), topic, lanes)
                        : Events.toAgents(rig.kafka(), topic, lanes, agents);
        rig.opened(events);
        return events;
    }

    /// Processes for so many browsers.
    static List<Child> browsers(Rig rig, String of, int count) {
        var processes = new ArrayList<Child>();
        for (int left = count; left > 0; left -= BROWSERS_A_PROCESS) {
            processes.add(
                    rig.startChild(
                            "browsers-" + of + "-" + (processes.size() + 1),
                            "BrowsersMain",
                            List.of("-Xmx512m"),
                            List.of()));
        }
        return processes;
    }
}
