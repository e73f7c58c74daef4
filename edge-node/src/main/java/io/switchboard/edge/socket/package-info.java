/// Sockets: what browsers connect with, on Netty's event loops.
///
/// [EdgeServer] listens; [Reception] reads the one HTTP request and turns the channel into a
/// [WebSocketPeer] or an [SsePeer], or answers from [StaticFiles]. A [Peer] takes the browser's
/// frames, verifies its token, and passes the rest through the delivery thread's door; what comes
/// back waits in the [Outbox] of its event loop until the turn ends. [Rounds] visits every peer
/// once a second: heartbeats and timeouts need no timer of their own.
@NullMarked
package io.switchboard.edge.socket;

import org.jspecify.annotations.NullMarked;
