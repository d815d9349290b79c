import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createFate, type Impairment, seeded } from './impairment.ts';

export interface UdpAddress {
  readonly address: string;
  readonly port: number;
}

export interface ImpairmentRelayOptions {
  readonly target: UdpAddress;
  /** Where peers find it instead of the target; the port of the system's choice where it is 0. */
  readonly listen: UdpAddress;
  /** From where the target hears peers. */
  readonly speakFrom: string;
  readonly seed: number;
  readonly toTarget: Impairment;
  readonly fromTarget: Impairment;
}

/**
 * A network between two loopback addresses, worse than loopback: each peer gets a port of its own toward
 * the target, as behind a NAT, and every packet has its fate drawn from the seed.
 */
export class ImpairmentRelay {
  readonly #options: ImpairmentRelayOptions;
  readonly #socket: Socket;
  readonly #byPeer = new Map<string, Promise<Socket>>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #random: () => number;
  #fates: Readonly<Record<'toTarget' | 'fromTarget', () => number | 'lost'>>;
  lost = 0;
  passed = 0;
  /** From now on everything is lost: that network is gone. */
  isCut = false;

  private constructor(options: ImpairmentRelayOptions, socket: Socket) {
    this.#options = options;
    this.#socket = socket;
    this.#random = seeded(options.seed);
    this.#fates = {
      toTarget: createFate(options.toTarget, this.#random),
      fromTarget: createFate(options.fromTarget, this.#random),
    };
    socket.on('message', (packet, from) => {
      this.#pass('toTarget', () => {
        this.#sendOn(packet, from);
      });
    });
  }

  static async open(options: ImpairmentRelayOptions): Promise<ImpairmentRelay> {
    const socket = createSocket('udp4');
    socket.bind(options.listen.port, options.listen.address);
    await once(socket, 'listening');
    return new ImpairmentRelay(options, socket);
  }

  /** Both ways, from now on. */
  become(impairment: Impairment): void {
    const fate = () => createFate(impairment, this.#random);
    this.#fates = { toTarget: fate(), fromTarget: fate() };
  }

  get port(): number {
    return this.#socket.address().port;
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    const sockets = await Promise.all(this.#byPeer.values());
    for (const socket of [this.#socket, ...sockets]) socket.close();
  }

  #pass(direction: 'toTarget' | 'fromTarget', deliver: () => void): void {
    const fate = this.isCut ? 'lost' : this.#fates[direction]();
    if (fate === 'lost') {
      this.lost += 1;
      return;
    }
    this.passed += 1;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      deliver();
    }, fate);
    this.#timers.add(timer);
  }

  #sendOn(packet: Buffer, from: RemoteInfo): void {
    const key = `${from.address} ${String(from.port)}`;
    const towardTarget = this.#byPeer.get(key) ?? this.#openFor(from);
    this.#byPeer.set(key, towardTarget);
    const { address, port } = this.#options.target;
    void towardTarget.then((socket) => {
      socket.send(packet, port, address);
    });
  }

  async #openFor(peer: RemoteInfo): Promise<Socket> {
    const socket = createSocket('udp4');
    socket.bind(0, this.#options.speakFrom);
    await once(socket, 'listening');
    socket.on('message', (packet) => {
      this.#pass('fromTarget', () => {
        this.#socket.send(packet, peer.port, peer.address);
      });
    });
    return socket;
  }
}
