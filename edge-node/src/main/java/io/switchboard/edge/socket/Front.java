package io.switchboard.edge.socket;

import io.switchboard.edge.delivery.DeliveryDoor;
import io.switchboard.edge.delivery.EdgeMeters;
import io.switchboard.runtime.AgentTokens;
import io.switchboard.runtime.Apps;
import java.time.InstantSource;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

/// What every socket's handler needs of the rest of the edge node.
///
/// Immutable; all of it thread-safe.
///
/// @param tokens says who a `client_token` stands for
/// @param closed whether new browsers are sent away with 503: drain, or Redis does not answer
public record Front(
        SocketSettings settings,
        DeliveryDoor door,
        Function<String, AgentTokens.Verdict> tokens,
        Supplier<Apps> apps,
        Refusals refusals,
        Publisher publisher,
        BooleanSupplier closed,
        EdgeMeters meters,
        InstantSource clock) {}
