import type { Socket } from 'node:net';
import { headOf } from './frame.ts';
import type { Link, LinkEvents } from './link.ts';
import { StreamFramer } from './stream-framer.ts';

const CONNECT_TIMEOUT_MS = 5_000;

/** SIP over a connected stream, encrypted or not. */
export function streamLink(socket: Socket, protocol: 'TCP' | 'TLS', events: LinkEvents): Link {
  const framer = new StreamFramer({
    onFrame: events.onFrame,
    onPing: () => socket.write('\r\n'),
    onPong: () => {
      events.onPong('crlf');
    },
  });
  let isOpen = true;
  const lose = (reason: string): void => {
    if (isOpen) events.onLost(reason);
    isOpen = false;
  };
  socket.on('data', (chunk: Buffer) => {
    if (!isOpen || framer.push(chunk)) return;
    events.onDropped('malformed', headOf(framer.rest));
    // Where the next message begins is lost with this one (RFC 3261 §18.3).
    lose('peer makes no sense');
    socket.destroySoon();
  });
  // 'close' always follows and says all there is to say.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    lose('connection lost');
  });
  // What is sent at one go, as to a burst of responses, costs one system call.
  let unsent = '';
  const flush = (): void => {
    const text = unsent;
    unsent = '';
    if (text !== '') socket.write(text);
  };
  return {
    protocol,
    localPort: socket.localPort ?? 0,
    send(text) {
      if (unsent === '') process.nextTick(flush);
      unsent += text;
    },
    ping: () => socket.write('\r\n\r\n'),
    close() {
      isOpen = false;
      flush();
      socket.destroySoon();
    },
  };
}

/** Resolves on `event`; rejects, with the socket gone, where that does not come. */
export function connected<S extends Socket>(
  socket: S,
  event: 'connect' | 'secureConnect',
): Promise<S> {
  return new Promise((resolve, reject) => {
    const giveUp = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    const closed = (): void => {
      giveUp(new Error('closed while connecting'));
    };
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => {
      giveUp(new Error('connect timed out'));
    });
    socket.once('error', giveUp);
    socket.once('close', closed);
    socket.once(event, () => {
      socket.setTimeout(0);
      socket.off('error', giveUp);
      socket.off('close', closed);
      resolve(socket);
    });
  });
}
