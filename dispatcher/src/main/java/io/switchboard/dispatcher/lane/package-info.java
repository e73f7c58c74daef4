/// One lane of the dispatcher, without threads and without Kafka or Redis clients: what it is told
/// comes in as records, answers and ticks, what it wants goes out through [Ports].
///
/// A record walks: [Lane#onRecords] ─► [Intake] (buffer) ─► [Router] (what does it mean?) ─►
/// [Appender] (republish what is irregular; one append under way) ─► the shard's answer ─► hints,
/// dead letters, receipts ─► [Progress] (what may be committed). Beside that, each in its own
/// class: [LaneStart] decides where to begin, [Rebuild] puts back what an emptied shard must know,
/// [AcksTopic] carries the outbox into Kafka and back, [Releases] sends on what was delayed,
/// [Redelivering] what an operator asked for again, [Overdue] watches for events that nobody
/// acknowledges.
///
/// Everything in a lane is owned by the thread that calls it; what completes elsewhere comes in
/// through the one [Ports.Door].
@NullMarked
package io.switchboard.dispatcher.lane;

import org.jspecify.annotations.NullMarked;
