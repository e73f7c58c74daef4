/// The contract, as types: what travels between producers, Kafka, dispatchers, edge nodes and
/// browsers, and how each of it is written as bytes.
///
/// Walk it in the order of a message: an [Envelope] is parsed from the events topic, its
/// [Target]s become [Address]es, a forwarded record carries an [Origin]; the dispatcher writes an
/// [EventFrame] into the inbox and sends a [Hint] to the edge; the browser speaks
/// [ClientFrame]s and hears [ServerFrames]; the producer learns from [Receipt]s and
/// [DeadLetter]s. [Position] is the number they all share. The tables are [Topics],
/// [CloseCode] and [ErrorCode].
@NullMarked
package io.switchboard.schemas;

import org.jspecify.annotations.NullMarked;
