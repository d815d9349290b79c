import type { RemoteInfo } from 'node:dgram';
import { isIPv6, SocketAddress } from 'node:net';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import { EarlyPackets } from '../../core/media/early-packets.ts';
import { ImsShield } from '../../core/media/ims-shield.ts';
import { PacketBudget } from '../../core/media/packet-budget.ts';
import { packetKind } from '../../core/media/packet-kind.ts';
import { type Source, SourceLock } from '../../core/media/source-lock.ts';
import type { SrtpCrypto } from '../../core/media/srtp-crypto.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ImsRemote, RtpEndpoint } from '../../ports/media-plane.ts';
import { DtlsOfPorts } from './dtls-of-ports.ts';
import type { StartHandshake } from './port-handshake.ts';
import type { PortPool } from './port-pool.ts';
import { bindUdp, type UdpSocket } from './udp-socket.ts';

export interface ImsPorts {
  readonly local: RtpEndpoint;
  /** From now on this is the only source that is heard, and where we send. Whether it is another. */
  connect(remote: ImsRemote): boolean;
  /** The packet as it left; `undefined` where there is nobody yet to send to. */
  sendRtp(packet: Uint8Array): Uint8Array | undefined;
  resendRtp(sealed: Uint8Array): void;
  sendRtcp(packet: Uint8Array): void;
  /** Media should pass by now, or need not: how long a handshake is waited for. */
  expect(isWanted: boolean): void;
  close(): Promise<void>;
}

export interface ImsPacketSink {
  readonly onRtp: (packet: Uint8Array) => void;
  readonly onRtcp: (packet: Uint8Array) => void;
  /** From somebody IMS did not name, not authentic, or more than one peer may send. */
  readonly onDropped: () => void;
  /** By its handshake the peer is not who was named. */
  readonly onFailed: (reason: string) => void;
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
  readonly crypto: SrtpCrypto;
  readonly startHandshake: StartHandshake;
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
  deps: ImsPortsDeps,
  { bindAddress: address, announcedAddress, maxPacketsPerS }: ImsPortsOptions,
  port: number,
): Promise<ImsPorts | undefined> {
  const { pool, sink } = deps;
  const peer = new Peer(deps, maxPacketsPerS, (kind, datagram, to) => {
    const socket = kind === 'rtp' ? rtp : rtcp;
    if (socket) sendTo(socket, datagram, to);
  });
  const bindings = (['rtp', 'rtcp'] as const).map((kind, index) => ({
    address,
    port: port + index,
    onPacket: (packet: Uint8Array, from: RemoteInfo): void => {
      peer.take(kind, packet, from);
    },
    onFault: sink.onFault,
  }));
  const bound = await Promise.allSettled(bindings.map(bindUdp));
  const sockets = bound.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : []));
  const [rtp, rtcp] = sockets;
  if (!rtp || !rtcp) {
    await closeAll(sockets);
    return undefined;
  }
  return {
    local: { address: announcedAddress, rtpPort: port, rtcpPort: port + 1 },
    connect: (remote) => peer.connect(remote),
    sendRtp: (packet) => sendTo(rtp, peer.seal('rtp', packet), peer.address('rtp')),
    resendRtp(sealed) {
      sendTo(rtp, sealed, peer.address('rtp'));
    },
    sendRtcp(packet) {
      const sealed = peer.seal('rtcp', packet);
      if (peer.isMuxed) sendTo(rtp, sealed, peer.address('rtp'));
      else sendTo(rtcp, sealed, peer.address('rtcp'));
    },
    expect(isWanted) {
      peer.expect(isWanted);
    },
    async close() {
      peer.close();
      await closeAll(sockets);
      pool.give(port);
    },
  };
}

type Kind = 'rtp' | 'rtcp';

const GATE_OPENS_WITHIN_MS = 2;

/** Whom one port pair talks with, and what of it is taken. */
class Peer {
  readonly #deps: ImsPortsDeps;
  readonly #shield: ImsShield;
  readonly #budgets: Readonly<Record<Kind, PacketBudget>>;
  readonly #early = new EarlyPackets();
  readonly #dtls: DtlsOfPorts;
  #isWanted = false;
  #remote: ImsRemote | undefined;
  #locks: { readonly rtp?: SourceLock; readonly rtcp?: SourceLock } = {};

  constructor(
    deps: ImsPortsDeps,
    maxPacketsPerS: number,
    send: (port: Kind, datagram: Uint8Array, to: Source) => void,
  ) {
    this.#deps = deps;
    const { clock, startHandshake: start, sink } = deps;
    this.#dtls = new DtlsOfPorts({
      ...{ clock, start, send },
      onProven: (port, at) => this.#locks[port]?.settle(at),
      onFailed: sink.onFailed,
      onDropped: sink.onDropped,
    });
    this.#shield = new ImsShield(deps.crypto);
    const budget = () => new PacketBudget(maxPacketsPerS, deps.clock.nowMs());
    this.#budgets = { rtp: budget(), rtcp: budget() };
  }

  get isMuxed(): boolean {
    return this.#remote !== undefined && this.#remote.rtpPort === this.#remote.rtcpPort;
  }

  connect(remote: ImsRemote): boolean {
    this.#shield.rekey(remote.srtp);
    const { rtpPort, rtcpPort, learnsSource = false } = remote;
    const wanted = { address: canonical(remote.address), rtpPort, rtcpPort, learnsSource };
    const isFirst = this.#remote === undefined;
    const isOther = !(this.#remote && isSameRemote(this.#remote, wanted));
    if (isOther) {
      this.#remote = wanted;
      const at = (port: number) => new SourceLock({ address: wanted.address, port }, learnsSource);
      const rtcp = this.isMuxed || rtcpPort === 0 ? {} : { rtcp: at(rtcpPort) };
      this.#locks = { rtp: at(rtpPort), ...rtcp };
    }
    this.#dtls.connect(remote.dtls, this.#peers());
    this.#dtls.expect(this.#isWanted);
    if (isFirst) this.#hearEarlyOnes();
    return isOther;
  }

  expect(isWanted: boolean): void {
    this.#isWanted = isWanted;
    this.#dtls.expect(isWanted);
  }

  close(): void {
    this.#dtls.close();
  }

  #peers(): ReadonlyMap<Kind, Source> {
    const { rtp, rtcp } = this.#locks;
    return new Map([
      ...(rtp ? [['rtp', rtp.peer] as const] : []),
      ...(rtcp ? [['rtcp', rtcp.peer] as const] : []),
    ]);
  }

  /** A moment later: the answer that named the peer opens the gate as well. */
  #hearEarlyOnes(): void {
    const { clock } = this.#deps;
    clock.after(GATE_OPENS_WITHIN_MS, () => {
      for (const { packet, from } of this.#early.release(clock.nowMs()))
        this.take('rtp', packet, from);
    });
  }

  address(kind: Kind): Source | undefined {
    return this.#locks[kind]?.peer;
  }

  seal(kind: Kind, packet: Uint8Array): Uint8Array | undefined {
    if (!this.#dtls.isOn) return this.#shield.seal(kind, packet);
    const sender = this.#dtls.keys(this.isMuxed ? 'rtp' : kind)?.sender;
    return kind === 'rtp' ? sender?.protectRtp(packet) : sender?.protectRtcp(packet);
  }

  #open(port: Kind, kind: Kind, packet: Uint8Array): Uint8Array | undefined {
    if (!this.#dtls.isOn) return this.#shield.open(kind, packet);
    const receiver = this.#dtls.keys(port)?.receiver;
    return kind === 'rtp' ? receiver?.unprotectRtp(packet) : receiver?.unprotectRtcp(packet);
  }

  #takeHandshake(port: Kind, datagram: Uint8Array, from: Source): void {
    const { clock, sink } = this.#deps;
    const isPeer = this.#locks[port]?.admits(from) === true;
    if (isPeer && this.#budgets[port].take(clock.nowMs())) this.#dtls.take(port, datagram, from);
    else sink.onDropped();
  }

  take(port: Kind, packet: Uint8Array, from: Source): void {
    const { clock, sink } = this.#deps;
    if (!this.#remote && port === 'rtp') this.#early.hold(packet, from, clock.nowMs());
    if (this.#dtls.isOn && packetKind(packet) === 'dtls') {
      this.#takeHandshake(port, packet, from);
      return;
    }
    // Sharing the port, the two are told apart by their type (RFC 5761 §4).
    const kind = this.isMuxed && packetKind(packet) === 'rtcp' ? 'rtcp' : port;
    let opened: Uint8Array | undefined;
    const isSound = (): boolean => {
      opened ??= this.#open(port, kind, packet);
      return opened !== undefined;
    };
    const isPeer = this.#locks[port]?.hears(from, isSound) === true;
    if (!(isPeer && this.#budgets[port].take(clock.nowMs()) && isSound() && opened)) {
      sink.onDropped();
    } else if (kind === 'rtp') sink.onRtp(opened);
    else sink.onRtcp(opened);
  }
}

const isSameRemote = (one: ImsRemote, other: ImsRemote): boolean =>
  one.address === other.address &&
  one.rtpPort === other.rtpPort &&
  one.rtcpPort === other.rtcpPort &&
  one.learnsSource === other.learnsSource;

/** IPv6 has many spellings; packets arrive under one of them. */
const canonical = (address: string): string =>
  isIPv6(address) ? new SocketAddress({ address, family: 'ipv6' }).address : address;

function sendTo(
  socket: UdpSocket,
  packet: Uint8Array | undefined,
  to: Source | undefined,
): Uint8Array | undefined {
  if (!(packet && to)) return undefined;
  socket.send(packet, to.port, to.address);
  return packet;
}

async function closeAll(sockets: readonly UdpSocket[]): Promise<void> {
  await Promise.all(sockets.map((socket) => socket.close()));
}
