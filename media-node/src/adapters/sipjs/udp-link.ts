import { createSocket, type Socket } from 'node:dgram';
import { isIPv6, SocketAddress } from 'node:net';
import type { SipTimers } from '@isthmus/shared/store/ims-access';
import { looksLikeStun } from '../../core/sip/stun-keep-alive.ts';
import type { Clock } from '../../ports/clock.ts';
import { frameOfDatagram, headOf } from './frame.ts';
import { LargeRequests } from './large-requests.ts';
import type { Link, LinkEvents, LinkOptions } from './link.ts';
import { StunProbe } from './stun-probe.ts';
import { openTcpLink } from './tcp-link.ts';
import { UdpRetransmissions } from './udp-retransmissions.ts';

/** Shorter is a keep-alive: CRLF, or CRLF twice. */
const SHORTEST_MESSAGE_BYTES = 5;

export interface UdpOptions {
  readonly clock: Clock;
  /** Requests of more than 1300 bytes leave by TCP (RFC 3261 §18.1.1). */
  readonly largeByTcp: boolean;
  readonly timers: SipTimers;
}

/** Binds; rejects where our address cannot be bound. */
export async function openUdpLink(
  options: LinkOptions,
  events: LinkEvents,
  { clock, largeByTcp, timers }: UdpOptions,
): Promise<Link> {
  const { pcscf, bindAddress } = options;
  const family = isIPv6(pcscf.address) ? 'ipv6' : 'ipv4';
  // As arriving datagrams write it, however it was configured (RFC 5952).
  const { address } = new SocketAddress({ address: pcscf.address, family });
  const socket =
    family === 'ipv6' ? createSocket({ type: 'udp6', ipv6Only: true }) : createSocket('udp4');
  await bound(socket, bindAddress);
  const transmit = (bytes: string | Uint8Array): void => {
    // A datagram that cannot be sent is a lost one, and loss is what the timers are for.
    socket.send(bytes, pcscf.port, address, () => undefined);
  };
  const retransmissions = new UdpRetransmissions({ clock, transmit, timers });
  const probe = new StunProbe({
    ...{ clock, transmit },
    onAnswer: () => {
      events.onPong('stun');
    },
    onMoved: () => {
      events.onLost('seen from another address');
    },
  });
  socket.on('message', (bytes, source) => {
    // Anyone can send us datagrams; only the P-CSCF is listened to. Its port may differ.
    if (source.address !== address) events.onDropped('stranger');
    else if (bytes.length < SHORTEST_MESSAGE_BYTES) events.onPong('crlf');
    else if (looksLikeStun(bytes)) probe.received(bytes);
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
    probe: (onUnanswered) => {
      probe.ask(onUnanswered);
    },
    close() {
      probe.stop();
      large.close();
      retransmissions.stop();
      socket.close();
    },
  };
}

function bound(socket: Socket, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = (error: Error): void => {
      socket.close();
      reject(error);
    };
    socket.once('error', giveUp);
    socket.bind(0, address, () => {
      socket.off('error', giveUp);
      resolve();
    });
  });
}
