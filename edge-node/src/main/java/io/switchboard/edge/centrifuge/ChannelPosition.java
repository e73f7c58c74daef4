package io.switchboard.edge.centrifuge;

import io.switchboard.schemas.Address;
import io.switchboard.schemas.Position;
import java.util.HashMap;
import java.util.Map;

/// An address and a position, as a Centrifuge client knows them.
///
/// The channel is the address: `agent:helpdesk/ada`. The epoch is the lane, as in
/// `<topic tag>.<partition>`: a topic created again has other epochs. The offset is Kafka's plus
/// one, since the protocol's 0 means "before the first". Offsets of one channel grow and are not
/// contiguous.
public final class ChannelPosition {
    /// A place that no lane holds: whatever is recovered from it is not whole.
    private static final Position NOWHERE = new Position("_", 0, -1);

    private ChannelPosition() {}

    public static String epoch(Position position) {
        return position.lane().toString();
    }

    public static long offset(Position position) {
        return offset(position.offset());
    }

    public static long offset(long offsetInKafka) {
        return offsetInKafka + 1;
    }

    public static Position position(Command.Place place) {
        var position = Position.tryParse(place.epoch() + "." + (place.offset() - 1));
        return position == null ? NOWHERE : position;
    }

    /// Where this agent was, by feed. Channels of others are of no meaning here.
    public static Map<String, Position> positions(
            Address.Agent agent, Map<String, Command.Place> subs) {
        var positions = new HashMap<String, Position>();
        subs.forEach(
                (channel, place) -> {
                    var address = Address.tryParse(channel);
                    if (address != null && isFor(agent, address)) {
                        positions.put(address.feed(), position(place));
                    }
                });
        return positions;
    }

    private static boolean isFor(Address.Agent agent, Address address) {
        return address.app().equals(agent.app())
                && (!(address instanceof Address.Agent) || address.equals(agent));
    }
}
