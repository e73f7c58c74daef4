/// The production lanes, the edge's delivery core and the SDK's rules, on virtual time.
///
/// A [World] is one seed: it owns time and chance. In it live [SimDispatcher]s and [SimEdge]s
/// (processes that crash, freeze and have clocks of their own), [SimBrowser]s, a log and an
/// in-memory inbox that each process reaches over a link of its own ([RemoteInbox]). [Chance]
/// breaks them; the delivery checker judges what was seen. The same seed does the same again,
/// step by step, and with a trace to read.
@NullMarked
package io.switchboard.systemtests.simulation;

import org.jspecify.annotations.NullMarked;
