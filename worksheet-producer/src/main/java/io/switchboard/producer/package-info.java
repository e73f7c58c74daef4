/// An upstream application's side: how an event comes to lie in Kafka, and how its producer learns
/// what became of it.
///
/// Walk the front door in the order of a request: `FrontDoor` admits it (`Admission`) and reads its
/// body (`Body`), `Intake` decides (an `Order`, or a `Refusal` that names every bad field), and
/// `EventsSink` appends one keyed, proven record per target. What became of an event is asked of
/// `EventLookup`, which knows receipts (`ReceiptTail` fills `EventIndex`) and the log itself
/// (`EventsLog`). `ProducerMain` puts it together.
///
/// [Worksheets] is the same for a Java program, without the door; `SendMain` for a terminal.
@NullMarked
package io.switchboard.producer;

import org.jspecify.annotations.NullMarked;
