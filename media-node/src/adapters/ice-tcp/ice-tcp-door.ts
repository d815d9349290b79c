import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { SeenEndpoint } from '../../core/media/stun-message.ts';
import { writePassiveCandidate } from '../../core/sdp/candidate.ts';
import { readIpAddress } from '../../core/sdp/ip-address.ts';
import type { Clock } from '../../ports/clock.ts';
import type { AccessNames } from '../../ports/media-plane.ts';
import type { Metrics } from '../../ports/metrics.ts';
import { type ConnectionLimits, type EndReason, IceTcpConnection } from './ice-tcp-connection.ts';
import { type BrowsersPort, TcpCall } from './tcp-call.ts';

export interface IceTcpDoorDeps {
  readonly clock: Clock;
  readonly metrics: Metrics;
}

export interface IceTcpOptions {
  /** 0 lets the system choose. */
  readonly port: number;
  /** As browsers see it; the same where absent. */
  readonly announcedPort?: number;
  readonly limits?: Partial<DoorLimits>;
}

export interface DoorLimits extends ConnectionLimits {
  /** Of the node; each holds two descriptors. */
  readonly connections: number;
  /** Of one address, or of one /64 of IPv6: an office may share it. */
  readonly ofAddress: number;
  /** Of one call: all interfaces of a browser, and those that it comes back by. */
  readonly ofCall: number;
  /** That have not said whose they are; the oldest makes room. */
  readonly asking: number;
  readonly askingOfAddress: number;
  /** As long as consent lasts, and a little: see `IceTcpConnection`. */
  readonly restMs: number;
}

const LIMITS: DoorLimits = {
  firstCheckMs: 3_000,
  silenceMs: 30_000,
  headStartMs: 250,
  connections: 1_024,
  ofAddress: 256,
  ofCall: 8,
  asking: 128,
  askingOfAddress: 32,
  restMs: 31_000,
};

/** Where a port that is bound to any address is reached from inside. */
const INNER_ADDRESSES: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
]);

interface Listening {
  readonly bindAddress: string;
  readonly announcedAddress: string;
  readonly maxPacketsPerS: number;
}

/** What a plane needs of it. */
export type TcpDoor = Pick<IceTcpDoor, 'admit' | 'retire' | 'dismiss' | 'candidate'>;

/** Of IPv6 the /64: whoever has one address there has them all. */
const SITE_OCTETS = 8;

/**
 * The way in for browsers whose UDP is blocked (RFC 6544): one TCP port for all calls of the node. Who
 * connects has to show at once, by an authentic check, whose call it is; then it is carried to the UDP
 * port of that call, so that ICE, consent, DTLS and SRTP are what they are by UDP.
 */
export class IceTcpDoor {
  readonly #deps: IceTcpDoorDeps;
  readonly #limits: DoorLimits;
  readonly #listening: Listening;
  readonly #server: Server;
  readonly #calls = new Map<string, TcpCall>();
  /** With the network each comes from. */
  readonly #connections = new Map<IceTcpConnection, string>();
  /** Those of them that have not said whose they are, in the order they came. */
  readonly #asking = new Map<IceTcpConnection, string>();
  readonly #resting = new Set<() => void>();
  #announcedPort = 0;

  static async open(
    deps: IceTcpDoorDeps,
    listening: Listening,
    options: IceTcpOptions,
  ): Promise<IceTcpDoor> {
    const door = new IceTcpDoor(deps, listening, options);
    await door.#listen(options);
    return door;
  }

  private constructor(deps: IceTcpDoorDeps, listening: Listening, { limits }: IceTcpOptions) {
    this.#deps = deps;
    this.#listening = listening;
    this.#limits = { ...LIMITS, ...limits };
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.#accept(socket);
    });
  }

  get candidate(): string {
    return writePassiveCandidate(this.#listening.announcedAddress, this.#announcedPort);
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Checks that ask for those names are let in to that port. */
  admit(names: AccessNames, port: BrowsersPort): void {
    this.#calls.set(names.usernameFragment, new TcpCall(names, port, this.#limits.ofCall));
  }

  /** Nobody comes by those names any more; who is there stays. */
  retire({ usernameFragment }: AccessNames): void {
    const call = this.#calls.get(usernameFragment);
    if (!call) return;
    if (call.isEmpty) this.#calls.delete(usernameFragment);
    else call.isRetired = true;
  }

  dismiss({ usernameFragment }: AccessNames): void {
    this.#calls.get(usernameFragment)?.end();
    this.#calls.delete(usernameFragment);
  }

  async close(): Promise<void> {
    for (const connection of [...this.#connections.keys()]) connection.end('call-over');
    for (const over of [...this.#resting]) over();
    await new Promise((closed) => this.#server.close(closed));
  }

  async #listen({ port, announcedPort }: IceTcpOptions): Promise<void> {
    this.#server.listen(port, this.#listening.bindAddress);
    await once(this.#server, 'listening');
    this.#server.on('error', () => {
      this.#count('fault');
    });
    this.#announcedPort = announcedPort ?? (this.#server.address() as AddressInfo).port;
  }

  #accept(socket: Socket): void {
    const seenAt = seenAtOf(socket);
    const network = networkOf(seenAt.address);
    if (!this.#mayCome(network)) {
      socket.destroy();
      this.#count('too-many');
      return;
    }
    const [oldest] = this.#asking.keys();
    if (this.#asking.size >= this.#limits.asking) oldest?.end('crowded-out');
    const connection = this.#connect(socket, seenAt);
    this.#connections.set(connection, network);
    this.#asking.set(connection, network);
  }

  /** Nobody comes in such numbers that others find no place. */
  #mayCome(network: string): boolean {
    for (const it of this.#asking.keys()) if (!it.isAsking) this.#asking.delete(it);
    const { connections, ofAddress, askingOfAddress } = this.#limits;
    return (
      this.#connections.size < connections &&
      timesIn(this.#connections, network) < ofAddress &&
      timesIn(this.#asking, network) < askingOfAddress
    );
  }

  #connect(socket: Socket, seenAt: SeenEndpoint): IceTcpConnection {
    const { bindAddress, maxPacketsPerS } = this.#listening;
    const { clock, metrics } = this.#deps;
    return new IceTcpConnection(
      socket,
      {
        clock,
        find: (fragment) => {
          const call = this.#calls.get(fragment);
          return call?.isRetired === true ? undefined : call;
        },
        rest: (over) => {
          this.#rest(over);
        },
        onDropped: (reason) => {
          metrics.count('ice_tcp_packets_dropped', { reason });
        },
        onEnded: (connection, reason) => {
          this.#connections.delete(connection);
          this.#asking.delete(connection);
          this.#count(reason);
        },
      },
      {
        ...{ seenAt, maxPacketsPerS, limits: this.#limits },
        innerAddress: INNER_ADDRESSES.get(bindAddress) ?? bindAddress,
      },
    );
  }

  #rest(over: () => void): void {
    const end = (): void => {
      cancel();
      this.#resting.delete(end);
      over();
    };
    const cancel = this.#deps.clock.after(this.#limits.restMs, end);
    this.#resting.add(end);
  }

  #count(reason: EndReason): void {
    this.#deps.metrics.count('ice_tcp_connections_ended', { reason });
  }
}

/** An IPv4 address as such, where the socket is of both families. */
const seenAtOf = ({ remoteAddress = '', remotePort = 0 }: Socket): SeenEndpoint => ({
  address: remoteAddress.replace(/^::ffff:(?=\d+\.)/, ''),
  port: remotePort,
});

function networkOf(address: string): string {
  const octets = readIpAddress(address) ?? [];
  return octets.slice(0, SITE_OCTETS).join('.');
}

function timesIn(networks: ReadonlyMap<unknown, string>, network: string): number {
  let times = 0;
  for (const it of networks.values()) if (it === network) times += 1;
  return times;
}
