/// A whole Switchboard of real processes that a test may break, and the people around it.
///
/// [Infra] is Kafka and Redis; a [SwitchboardSystem] runs dispatchers, edge nodes and a front door
/// on it, each a [Node] that can be killed, frozen and started again. A test gets a [Stage]: an
/// app of its own, on which it opens [Browser]s and sends. Everything that happens is in the
/// stage's history.
@NullMarked
package io.switchboard.systemtests.harness;

import org.jspecify.annotations.NullMarked;
