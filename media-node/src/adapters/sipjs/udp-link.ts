import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import type { Clock } from '../../ports/clock.ts';
import { frameOfDatagram, headOf } from './frame.ts';
import { LargeRequests } from './large-requests.ts';
import type { Link, LinkEvents, LinkOptions } from './link.ts';
import { openTcpLink } from './tcp-link.ts';
import { UdpRetransmissions } from './udp-retransmissions.ts';

/** Shorter is a keep-alive: CRLF, or CRLF twice. */
const SHORTEST_MESSAGE_BYTES = 5;

export interface UdpOptions {
  readonly clock: Clock;
  /** Requests of more than 1300 bytes leave by TCP (RFC 3261 §18.1.1). */
  readonly largeByTcp: boolean;
}

/** Binds; rejects where the P-CSCF has no address or ours cannot be bound. */
export async function openUdpLink(
  options: LinkOptions,
  events: LinkEvents,
  { clock, largeByTcp }: UdpOptions,
): Promise<Link> {
  const { pcscf, bindAddress } = options;
  const { address } = await lookup(pcscf.host, isIPv6(bindAddress) ? 6 : 4);
  const socket = createSocket(isIPv6(bindAddress) ? 'udp6' : 'udp4');
  await bound(socket, bindAddress);
  const transmit = (text: string): void => {
    // A datagram that cannot be sent is a lost one, and loss is what the timers are for.
    socket.send(text, pcscf.port, address, () => undefined);
  };
  const retransmissions = new UdpRetransmissions(clock, transmit);
  socket.on('message', (bytes, source) => {
    // Anyone can send us datagrams; only the P-CSCF is listened to. Its port may differ.
    if (source.address !== address) events.onDropped('stranger');
    else if (bytes.length < SHORTEST_MESSAGE_BYTES) events.onPong();
    else receive(bytes);
  });
  const receive = (bytes: Buffer): void => {
    const frame = frameOfDatagram(bytes);
    if (frame === 'malformed') {
      events.onDropped('malformed', headOf(bytes));
      return;
    }
    retransmissions.received(frame.head);
    events.onFrame(frame);
  };
  socket.on('error', () => {
    events.onLost('socket failed');
  });
  const localPort = socket.address().port;
  const sendByUdp = (text: string): void => {
    transmit(text);
    retransmissions.sent(text);
  };
  const large = new LargeRequests({
    ...{ clock, sendByUdp },
    // From the port that is registered, by which the P-CSCF knows us (3GPP TS 24.229 §5.2.6.3).
    openTcp: (onLost) => openTcpLink({ ...options, localPort }, { ...events, onLost }),
  });
  return {
    protocol: 'UDP',
    localPort,
    send(text) {
      if (!largeByTcp || !large.take(text)) sendByUdp(text);
    },
    ping: () => {
      transmit('\r\n\r\n');
    },
    close() {
      large.close();
      retransmissions.stop();
      socket.close();
    },
  };
}

function bound(socket: Socket, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, address, () => {
      socket.off('error', reject);
      resolve();
    });
  });
}
