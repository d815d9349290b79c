import type { RemoteInfo } from 'node:dgram';
import { isIPv6, SocketAddress } from 'node:net';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { RtpEndpoint } from '../../ports/media-plane.ts';
import type { PortPool } from './port-pool.ts';
import { bindUdp, type UdpSocket } from './udp-socket.ts';

export interface ImsPorts {
  readonly local: RtpEndpoint;
  /** From now on this is the only source that is heard, and where we send. */
  connect(remote: RtpEndpoint): void;
  sendRtp(packet: Uint8Array): boolean;
  sendRtcp(packet: Uint8Array): boolean;
  close(): Promise<void>;
}

export interface ImsPacketSink {
  readonly onRtp: (packet: Uint8Array) => void;
  readonly onRtcp: (packet: Uint8Array) => void;
  /** From somebody IMS did not name. */
  readonly onStranger: () => void;
  readonly onFault: () => void;
}

export interface ImsPortsOptions {
  readonly bindAddress: string;
  readonly announcedAddress: string;
}

/** How many pairs another process may hold of our range before we give up. */
const MAX_ATTEMPTS = 32;

/** Two ports of the pool, RTP even and RTCP above it, deaf until `connect`. */
export async function openImsPorts(
  deps: { readonly pool: PortPool; readonly sink: ImsPacketSink },
  options: ImsPortsOptions,
): Promise<ImsPorts> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const port = deps.pool.take();
    if (port === undefined) break;
    const ports = await bindPair(deps, options, port);
    if (ports) return ports;
    deps.pool.give(port);
  }
  throw new IwfError('internal', { reason: 'no free RTP port pair' });
}

async function bindPair(
  { pool, sink }: { readonly pool: PortPool; readonly sink: ImsPacketSink },
  { bindAddress: address, announcedAddress }: ImsPortsOptions,
  port: number,
): Promise<ImsPorts | undefined> {
  let remote: RtpEndpoint | undefined;
  const { onFault } = sink;
  const only = (remotePort: () => number | undefined, take: (packet: Uint8Array) => void) => {
    return (packet: Uint8Array, from: RemoteInfo): void => {
      const isPeer = from.address === remote?.address && from.port === remotePort();
      if (isPeer) take(packet);
      else sink.onStranger();
    };
  };
  const bindings = [
    { address, port, onPacket: only(() => remote?.rtpPort, sink.onRtp), onFault },
    { address, port: port + 1, onPacket: only(() => remote?.rtcpPort, sink.onRtcp), onFault },
  ];
  const bound = await Promise.allSettled(bindings.map(bindUdp));
  const sockets = bound.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : []));
  const [rtp, rtcp] = sockets;
  if (!rtp || !rtcp) {
    await closeAll(sockets);
    return undefined;
  }
  return {
    local: { address: announcedAddress, rtpPort: port, rtcpPort: port + 1 },
    connect(peer) {
      remote = { ...peer, address: canonical(peer.address) };
    },
    sendRtp: (packet) => sendTo(rtp, packet, remote && { ...remote, port: remote.rtpPort }),
    sendRtcp: (packet) => sendTo(rtcp, packet, remote && { ...remote, port: remote.rtcpPort }),
    async close() {
      await closeAll(sockets);
      pool.give(port);
    },
  };
}

/** IPv6 has many spellings; packets arrive under one of them. */
const canonical = (address: string): string =>
  isIPv6(address) ? new SocketAddress({ address, family: 'ipv6' }).address : address;

function sendTo(
  socket: UdpSocket,
  packet: Uint8Array,
  to: { readonly address: string; readonly port: number } | undefined,
): boolean {
  if (!to) return false;
  socket.send(packet, to.port, to.address);
  return true;
}

async function closeAll(sockets: readonly UdpSocket[]): Promise<void> {
  await Promise.all(sockets.map((socket) => socket.close()));
}
