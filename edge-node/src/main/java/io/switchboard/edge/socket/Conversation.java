package io.switchboard.edge.socket;

import io.switchboard.runtime.AgentTokens.Verdict;
import io.switchboard.schemas.ClientFrame;
import io.switchboard.schemas.CloseCode;
import io.switchboard.schemas.ErrorCode;
import io.switchboard.schemas.Position;
import io.switchboard.schemas.ServerFrames;
import java.util.Map;
import java.util.function.Consumer;

/// Our own protocol's frames of one browser, and what answers them; the same on a WebSocket and in
/// the POSTs beside an event stream.
///
/// Confined to the connection's event loop.
final class Conversation {
    private static final long BEATS_APART_MILLIS = 1_000;

    private final Peer peer;
    private long beatMillis;

    Conversation(Peer peer) {
        this.peer = peer;
    }

    /// @param reply gets what answers this frame, now or later
    /// @return whether there is, or will be, a reply
    boolean onFrame(byte[] bytes, Consumer<byte[]> reply) {
        if (!peer.isOpen()) {
            return false;
        }
        var frame = ClientFrame.parse(bytes);
        if (!(frame instanceof ClientFrame.Ack
                ? peer.allowance().mayAcknowledge()
                : peer.allowance().maySpeak())) {
            reply.accept(ServerFrames.error(ErrorCode.TOO_MANY_FRAMES, null));
            peer.onTooManyFrames();
            return true;
        }
        boolean answersBeat = peer.owesBeat();
        peer.onAlive();
        return switch (frame) {
            case ClientFrame.Connect(var token, var positions) ->
                    onConnect(token, positions, reply);
            case ClientFrame.Ack(var positions) -> onAck(positions, reply);
            case ClientFrame.HeartBeat _ -> onHeartBeat(answersBeat, reply);
            case ClientFrame.Refresh(var token) -> onRefresh(token, reply);
            case ClientFrame.Publish publish -> onPublish(publish, reply);
            case ClientFrame.Malformed(var error) -> {
                reply.accept(ServerFrames.error(error, null));
                peer.onMisunderstood();
                yield true;
            }
        };
    }

    private boolean onConnect(
            String token, Map<String, Position> positions, Consumer<byte[]> reply) {
        if (!peer.isNew()) {
            reply.accept(ServerFrames.error(ErrorCode.ALREADY_CONNECTED, null));
            return true;
        }
        var code = peer.admit(token);
        if (code != null) {
            refuse(code, reply);
            return true;
        }
        peer.connect(positions);
        return false;
    }

    private void refuse(CloseCode code, Consumer<byte[]> reply) {
        var error =
                code == CloseCode.APP_BLOCKED
                        ? ErrorCode.APP_IS_BLOCKED
                        : ErrorCode.TOKEN_IS_REFUSED;
        reply.accept(ServerFrames.error(error, null));
        peer.closeNow(code);
    }

    private boolean onAck(Map<String, Position> positions, Consumer<byte[]> reply) {
        if (!peer.isConnected()) {
            return notConnected(reply);
        }
        peer.acknowledge(positions);
        return false;
    }

    private static boolean notConnected(Consumer<byte[]> reply) {
        reply.accept(ServerFrames.error(ErrorCode.NOT_CONNECTED, null));
        return true;
    }

    /// We beat.
    void onBeat() {
        beatMillis = now();
    }

    /// One that answers ours is not answered, nor one that comes at once after ours: two sides
    /// that answer every beat would never stop.
    private boolean onHeartBeat(boolean answersBeat, Consumer<byte[]> reply) {
        if (answersBeat || now() - beatMillis < BEATS_APART_MILLIS) {
            return false;
        }
        onBeat();
        reply.accept(ServerFrames.heartBeat());
        return true;
    }

    private long now() {
        return peer.front.clock().millis();
    }

    private boolean onRefresh(String token, Consumer<byte[]> reply) {
        if (!peer.isConnected()) {
            return notConnected(reply);
        }
        if (peer.refresh(token) instanceof Verdict.Refused(var code, _)) {
            refuse(code, reply);
            return true;
        }
        return false;
    }

    private boolean onPublish(ClientFrame.Publish publish, Consumer<byte[]> reply) {
        if (!peer.isConnected()) {
            return notConnected(reply);
        }
        var id = publish.id();
        peer.publish(
                id,
                publish.data(),
                published ->
                        reply.accept(
                                switch (published) {
                                    case DONE -> ServerFrames.published(id);
                                    case TOO_MANY ->
                                            ServerFrames.error(ErrorCode.TOO_MANY_FRAMES, id);
                                    case UNAVAILABLE ->
                                            ServerFrames.error(
                                                    ErrorCode.PUBLISH_IS_UNAVAILABLE, id);
                                }));
        return true;
    }
}
