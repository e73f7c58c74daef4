package io.switchboard.bench;

import io.switchboard.runtime.Unusable;
import java.util.ArrayList;
import java.util.List;

/// The system and the baselines beside it, ready to be measured in turn: browsers online, each
/// stack with its own. The system is the last.
final class Stacks {
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
        int fanOut = toRole ? agents : 1;
        var ours = rig.startSystem(1, 1);
        var stacks = new ArrayList<Stack>();
        for (var name : beside) {
            stacks.add(baseline(rig, name, agents, toRole));
        }
        var plan = Crowd.Plan.of("switchboard", ours, agents);
        stacks.add(
                new Stack(
                        "switchboard",
                        events(rig, rig.topic().name(), agents, toRole),
                        crowd(rig, "switchboard", toRole ? plan.withRole(Rig.ROLE).silent() : plan),
                        fanOut));
        return stacks;
    }

    private static Stack baseline(Rig rig, String name, int agents, boolean toRole) {
        return switch (name) {
            case "floor" -> floor(rig, name, Floor.twoHops(rig), agents, toRole);
            case "one-hop" -> floor(rig, name, Floor.oneHop(rig), agents, toRole);
            case "socketio" -> socketIo(rig, name, agents, toRole);
            default ->
                    throw new Unusable(
                            "--beside: '%s' (expected: floor, one-hop or socketio)"
                                    .formatted(name));
        };
    }

    private static Stack floor(
            Rig rig, String name, Floor.Started floor, int agents, boolean toRole) {
        var plan = Crowd.Plan.of("floor", List.of(floor.port()), agents);
        var events = events(rig, floor.topic(), agents, toRole);
        return new Stack(name, events, crowd(rig, name, plan), toRole ? agents : 1);
    }

    private static Stack socketIo(Rig rig, String name, int agents, boolean toRole) {
        var plan = Crowd.Plan.of("socket_io", List.of(SocketIo.serve(rig)), agents);
        var crowd = crowd(rig, name, plan);
        var publisher = SocketIo.publish(rig, toRole ? 0 : agents);
        rig.opened(publisher);
        return new Stack(name, publisher, crowd, toRole ? agents : 1);
    }

    private static Crowd crowd(Rig rig, String name, Crowd.Plan plan) {
        return Crowd.open(browsers(rig, name, plan.count()), name, plan);
    }

    private static Events events(Rig rig, String topic, int agents, boolean toRole) {
        int lanes = rig.plan().lanes();
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
