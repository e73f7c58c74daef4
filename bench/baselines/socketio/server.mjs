// Socket.IO with its Redis adapter, as its documentation sets it up. `serve` holds browsers, each in
// a room of its own and in one for everybody; `publish` emits what it is told to, a line each:
// <room>\t<payload as JSON>. Between the two is Redis Pub/Sub; nothing is stored.
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { createInterface } from 'node:readline';
import { createAdapter } from '@socket.io/redis-adapter';
import { Emitter } from '@socket.io/redis-emitter';
import { createClient } from 'redis';
import { Server } from 'socket.io';

const [role, redis] = process.argv.slice(2);
const ready = (server) => () =>
  console.log(JSON.stringify({ ready: `socketio-${role}`, port: server.address().port }));

const publisher = createClient({ url: redis });
await publisher.connect();

if (role === 'serve') {
  const subscriber = publisher.duplicate();
  await subscriber.connect();
  const http = createServer();
  const io = new Server(http, { adapter: createAdapter(publisher, subscriber), transports: ['websocket'] });
  io.on('connection', (socket) => socket.join([`agent-${socket.handshake.auth.agent}`, 'everyone']));
  http.listen(0, '127.0.0.1', 4096, ready(http));
} else {
  const emitter = new Emitter(publisher);
  const lines = createTcpServer((socket) => {
    createInterface({ input: socket }).on('line', (line) => {
      const tab = line.indexOf('\t');
      emitter.to(line.slice(0, tab)).emit('event', JSON.parse(line.slice(tab + 1)));
    });
  });
  lines.listen(0, '127.0.0.1', ready(lines));
}
