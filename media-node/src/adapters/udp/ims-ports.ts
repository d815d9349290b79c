import type { RemoteInfo } from 'node:dgram';
import { isIPv6, SocketAddress } from 'node:net';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import { PacketBudget } from '../../core/media/packet-budget.ts';
import { packetKind } from '../../core/media/packet-kind.ts';
import { type Source, SourceLock } from '../../core/media/source-lock.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ImsRemote, RtpEndpoint } from '../../ports/media-plane.ts';
import type { PortPool } from './port-pool.ts';
import { bindUdp, type UdpSocket } from './udp-socket.ts';

export interface ImsPorts {
  readonly local: RtpEndpoint;
  /** From now on this is the only source that is heard, and where we send. */
  connect(remote: ImsRemote): void;
  sendRtp(packet: Uint8Array): boolean;
  sendRtcp(packet: Uint8Array): boolean;
  close(): Promise<void>;
}

export interface ImsPacketSink {
  readonly onRtp: (packet: Uint8Array) => void;
  readonly onRtcp: (packet: Uint8Array) => void;
  /** From somebody IMS did not name, or more than one peer may send. */
  readonly onDropped: () => void;
  readonly onFault: () => void;
}

export interface ImsPortsOptions {
  readonly bindAddress: string;
  readonly announcedAddress: string;
  /** What is taken of one peer at one port; the rest is dropped before any work on it. */
  readonly maxPacketsPerS: number;
}

export interface ImsPortsDeps {
  readonly pool: PortPool;
  readonly clock: Clock;
  readonly sink: ImsPacketSink;
}

/** How many pairs another process may hold of our range before we give up. */
const MAX_ATTEMPTS = 32;

/** Two ports of the pool, RTP even and RTCP above it, deaf until `connect`. */
export async function openImsPorts(
  deps: ImsPortsDeps,
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
  { pool, clock, sink }: ImsPortsDeps,
  { bindAddress: address, announcedAddress, maxPacketsPerS }: ImsPortsOptions,
  port: number,
): Promise<ImsPorts | undefined> {
  let remote: ImsRemote | undefined;
  const locks: { rtp?: SourceLock; rtcp?: SourceLock } = {};
  const { onFault } = sink;
  const only = (kind: 'rtp' | 'rtcp', take: (packet: Uint8Array) => void) => {
    const budget = new PacketBudget(maxPacketsPerS, clock.nowMs());
    return (packet: Uint8Array, from: RemoteInfo): void => {
      const isPeer = locks[kind]?.hears(from, packetKind(packet) === kind) === true;
      if (isPeer && budget.take(clock.nowMs())) take(packet);
      else sink.onDropped();
    };
  };
  const bindings = [
    { address, port, onPacket: only('rtp', sink.onRtp), onFault },
    { address, port: port + 1, onPacket: only('rtcp', sink.onRtcp), onFault },
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
      const { rtpPort, rtcpPort, learnsSource = false } = peer;
      const wanted = { address: canonical(peer.address), rtpPort, rtcpPort, learnsSource };
      if (remote && isSameRemote(remote, wanted)) return;
      remote = wanted;
      const at = (peerPort: number) => ({ address: wanted.address, port: peerPort });
      locks.rtp = new SourceLock(at(rtpPort), learnsSource);
      locks.rtcp = new SourceLock(at(rtcpPort), learnsSource);
    },
    sendRtp: (packet) => sendTo(rtp, packet, locks.rtp?.peer),
    sendRtcp: (packet) => sendTo(rtcp, packet, locks.rtcp?.peer),
    async close() {
      await closeAll(sockets);
      pool.give(port);
    },
  };
}

const isSameRemote = (one: ImsRemote, other: ImsRemote): boolean =>
  one.address === other.address &&
  one.rtpPort === other.rtpPort &&
  one.rtcpPort === other.rtcpPort &&
  one.learnsSource === other.learnsSource;

/** IPv6 has many spellings; packets arrive under one of them. */
const canonical = (address: string): string =>
  isIPv6(address) ? new SocketAddress({ address, family: 'ipv6' }).address : address;

function sendTo(socket: UdpSocket, packet: Uint8Array, to: Source | undefined): boolean {
  if (!to) return false;
  socket.send(packet, to.port, to.address);
  return true;
}

async function closeAll(sockets: readonly UdpSocket[]): Promise<void> {
  await Promise.all(sockets.map((socket) => socket.close()));
}
