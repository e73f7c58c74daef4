package io.switchboard.edge.socket;

/// What belongs to one event loop.
record Loop(Outbox outbox, Rounds rounds) {}
