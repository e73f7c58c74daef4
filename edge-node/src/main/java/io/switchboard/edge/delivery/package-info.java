/// What is written to whom, and in which order: the pure core of the edge node, and the one
/// thread that owns it.
///
/// A [Link] (a socket, seen from here) says [Hello] and becomes a [Connection], which listens to
/// several addresses: one [Listener] each, all listeners of an address in one [AddressFeed], all
/// feeds of a lane in one [Shard], which talks to the inbox. A hint goes
/// [Delivery#onHint] → [AddressFeed#onHint] → [Listener#onHint] → [Link#event]; what a hint cannot
/// prove contiguous is read from the inbox, and [CatchUp] says what such an answer means.
///
/// Everything here is confined to [DeliveryThread] but [DeliveryDoor], by which others ask. The
/// core knows no thread, no socket and no clock of its own: the simulation runs it as it is.
@NullMarked
package io.switchboard.edge.delivery;

import org.jspecify.annotations.NullMarked;
