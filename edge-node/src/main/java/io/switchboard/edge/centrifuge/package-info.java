/// The Centrifuge client protocol, version 2, as JSON: what its SDKs say ([Command]), what they are
/// told ([Replies]), and our close codes in its words ([Disconnect]). Only the part that fits:
/// server-side subscriptions, recovery, publications, refresh, ping and pong, `rpc` and `publish`.
///
/// Pure; the socket's part is `CentrifugePeer`.
///
/// The definition: `definitions/client.proto` of the repository centrifugal/protocol.
@NullMarked
package io.switchboard.edge.centrifuge;

import org.jspecify.annotations.NullMarked;
