/// The instruments that would find a broken promise, and the tests that use them.
///
/// Producers and browsers write a [History]; the [DeliveryChecker] reads it and names what was
/// lost, doubled, reordered, invented or left out, as a [Verdict]. Browsers are [SdkModel]s: the
/// same rules whether the other side is a real edge node behind a WebSocket or a simulated one.
@NullMarked
package io.switchboard.systemtests;

import org.jspecify.annotations.NullMarked;
