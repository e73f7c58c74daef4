package io.switchboard.edge.delivery;

import io.switchboard.schemas.Address;
import io.switchboard.schemas.Position;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a browser said on CONNECT, its token already verified.
///
/// Immutable.
///
/// @param connection the connection's id
/// @param roles of the token, those that the apps file has
/// @param expiry of the token
/// @param acknowledges false for an old client, whose PONGs count instead until its first ACK
/// @param together it comes online once all its addresses have answered, so that it can be told
///     of each whether everything since its position is there
/// @param positions where it was, by feed
public record Hello(
        String connection,
        Address.Agent agent,
        Set<String> roles,
        @Nullable Instant expiry,
        boolean acknowledges,
        boolean together,
        Map<String, Position> positions) {}
