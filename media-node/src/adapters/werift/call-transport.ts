import type { AddressInfo } from 'node:net';
import { UdpTransport } from 'werift';
import type { Endpoint } from './browser-port.ts';

/** What werift takes for a socket of its own: one call's share of the browser port. */
export class CallTransport {
  readonly type = 'udp';
  readonly addressFamily: 4 | 6;
  readonly address: AddressInfo;
  closed = false;
  onData: (data: Buffer, from: readonly [string, number]) => void = () => undefined;
  readonly #send: (packet: Uint8Array, to: Endpoint) => void;

  constructor(announced: Endpoint, send: (packet: Uint8Array, to: Endpoint) => void) {
    this.addressFamily = announced.address.includes(':') ? 6 : 4;
    const family = this.addressFamily === 6 ? 'IPv6' : 'IPv4';
    this.address = { ...announced, family };
    this.#send = send;
  }

  deliver(packet: Uint8Array, from: Endpoint): void {
    const data = Buffer.from(packet.buffer, packet.byteOffset, packet.byteLength);
    this.onData(data, [from.address, from.port]);
  }

  readonly send = (data: Buffer, to?: readonly [string, number]): Promise<void> => {
    if (!this.closed && to) this.#send(data, { address: to[0], port: to[1] });
    return Promise.resolve();
  };

  readonly close = (): Promise<void> => {
    this.closed = true;
    return Promise.resolve();
  };
}

/**
 * Lets werift gather on our transport instead of a socket. It asks `UdpTransport.init` for one
 * before the first await of `gather`, so the replacement never outlives this turn.
 */
export function gatherOn(transport: CallTransport, gather: () => Promise<void>): Promise<void> {
  const original = Object.getOwnPropertyDescriptor(UdpTransport, 'init') ?? {};
  // The class has private members we cannot have; werift only uses those that are here.
  UdpTransport.init = () => Promise.resolve(transport as unknown as UdpTransport);
  try {
    return gather();
  } finally {
    Object.defineProperty(UdpTransport, 'init', original);
  }
}
