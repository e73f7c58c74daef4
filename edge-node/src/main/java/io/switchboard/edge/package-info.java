/// The edge node as a process: hints come in from its own topic, frames go out to browsers.
///
/// [EdgeMain] reads the flags, [EdgeNode] puts the parts together. [LeaseKeeper] owns this life of
/// the edge (incarnation, topic, lease), [HintReader] reads its topic, [EdgeNode] hears what
/// operators ask, [Upstream] and [PresenceTopic] write. What is delivered, and in which order, is
/// decided in [io.switchboard.edge.delivery]; sockets are in [io.switchboard.edge.socket].
@NullMarked
package io.switchboard.edge;

import org.jspecify.annotations.NullMarked;
