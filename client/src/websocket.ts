import { parseFrame } from './frames.js';
import type { Link, LinkOwner, LinkRequest } from './link.js';
import type { WebSocketClass } from './types.js';

const SUBPROTOCOL = 'switchboard.v1';
const OPEN = 1;

/** A link over a WebSocket: the edge asks CONNECT, we say who we are. */
export function openWebSocket(WebSocket: WebSocketClass, request: LinkRequest, owner: LinkOwner): Link {
  const socket = new WebSocket(request.url.href, [SUBPROTOCOL]);
  const send: Link['send'] = (frame) => {
    if (socket.readyState !== OPEN) {
      return false;
    }
    socket.send(JSON.stringify(frame));
    return true;
  };
  let over = false;
  socket.onmessage = (message: { data: unknown }) => {
    if (over) {
      return;
    }
    owner.onSign();
    const frame = typeof message.data === 'string' ? parseFrame(message.data) : undefined;
    if (frame?.kind === 'connect') {
      send({ event: 'CONNECT', data: { client_token: request.token, positions: request.positions } });
    } else if (frame) {
      owner.onFrame(frame);
    }
  };
  // An error is always followed by a close, which says more.
  socket.onerror = () => {};
  socket.onclose = (event: { code?: number; reason?: string }) => {
    if (!over) {
      over = true;
      owner.onClosed(event.code, event.reason ?? '');
    }
  };
  return {
    send,
    close(code, reason) {
      over = true;
      try {
        socket.close(code, reason);
      } catch {
        // It was not open yet, and is not wanted any more.
      }
    },
  };
}
