/// Seeded fault runs on real processes.
///
/// [ChaosSystem] is a whole Switchboard whose every link passes a relay; a [ChaosRun] lets a
/// [Crowd] of browsers and [Producers] use it while [Strike]s hit it one after the other, then
/// mends everything, waits until it is quiet, and asks the delivery checker.
@NullMarked
package io.switchboard.systemtests.chaos;

import org.jspecify.annotations.NullMarked;
