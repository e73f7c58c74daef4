/// Sockets: what browsers connect with, on Netty's event loops.
///
/// [EdgeServer] listens; [Reception] reads the one HTTP request and turns the channel into a
/// [Peer], or answers from [StaticFiles]. A peer is one browser's session: who it is, how often it
/// may speak, how it ends. What it speaks is its subclass's:
///
///     Peer ◄─ WebSocketPeer ◄─ V1Peer ◄─ OldPeer      our frames; the plain old client
///          │                └─ CentrifugePeer         the Centrifuge client protocol
///          └─ SsePeer                                 our frames on an event stream
///
/// [Conversation] answers our own frames, wherever they come from. What is asked of the delivery
/// thread passes its door; what comes back waits in the [Outbox] of its event loop until the turn
/// ends, and [Sending] counts it until the socket has it. [Rounds] visits every peer once a second:
/// heartbeats and timeouts need no timer of their own.
@NullMarked
package io.switchboard.edge.socket;

import org.jspecify.annotations.NullMarked;
