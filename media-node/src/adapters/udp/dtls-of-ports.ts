import type { Source } from '../../core/media/source-lock.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ImsDtls } from '../../ports/media-plane.ts';
import type { HandshakeKeys, PortHandshake, StartHandshake } from './port-handshake.ts';

type Kind = 'rtp' | 'rtcp';

export interface DtlsOfPortsDeps {
  readonly clock: Clock;
  readonly start: StartHandshake;
  readonly send: (port: Kind, datagram: Uint8Array, to: Source) => void;
  /** The peer of that port has proven who it is. */
  readonly onProven: (port: Kind, peer: Source) => void;
  readonly onFailed: (reason: string) => void;
  readonly onDropped: () => void;
}

interface Association {
  handshake: PortHandshake | undefined;
  peer: Source;
  keys: HandshakeKeys | undefined;
}

/** From when media should pass: who has not shaken hands by then does not want to. */
const LIMIT_MS = 10_000;

/** DTLS-SRTP of one port pair: an association for each port, with keys of its own (RFC 5764 §4.2). */
export class DtlsOfPorts {
  readonly #deps: DtlsOfPortsDeps;
  readonly #associations = new Map<Kind, Association>();
  #dtls: ImsDtls | undefined;
  #isFailed = false;
  #stopLimit: (() => void) | undefined;

  constructor(deps: DtlsOfPortsDeps) {
    this.#deps = deps;
  }

  /** Nothing passes but what it has keyed. */
  get isOn(): boolean {
    return this.#dtls !== undefined;
  }

  /** The same association again goes on; `peers` are as signalled, by the ports that are used. */
  connect(dtls: ImsDtls | undefined, peers: ReadonlyMap<Kind, Source>): void {
    if (dtls?.association !== this.#dtls?.association) this.#end();
    this.#dtls = dtls;
    if (!dtls) return;
    for (const [port, peer] of peers) {
      const association = this.#associations.get(port);
      if (association) association.peer = peer;
      else this.#begin(port, peer, dtls);
    }
  }

  take(port: Kind, datagram: Uint8Array, from: Source): void {
    const association = this.#associations.get(port);
    if (!association || this.#isFailed) {
      this.#deps.onDropped();
      return;
    }
    if (!association.keys) association.peer = { address: from.address, port: from.port };
    association.handshake?.take(datagram);
  }

  keys(port: Kind): HandshakeKeys | undefined {
    return this.#isFailed ? undefined : this.#associations.get(port)?.keys;
  }

  /** Media should pass by now, or need not. */
  expect(isWanted: boolean): void {
    const isDue = isWanted && this.isOn && !this.keys('rtp');
    if (!isDue) {
      this.#stopLimit?.();
      this.#stopLimit = undefined;
    } else {
      this.#stopLimit ??= this.#deps.clock.after(LIMIT_MS, () => {
        if (!this.keys('rtp')) this.#fail('the handshake was not finished');
      });
    }
  }

  close(): void {
    this.expect(false);
    this.#end();
  }

  #begin(port: Kind, peer: Source, dtls: ImsDtls): void {
    const { start, send, onProven, onDropped } = this.#deps;
    const association: Association = { handshake: undefined, peer, keys: undefined };
    this.#associations.set(port, association);
    association.handshake = start(dtls, {
      send: (datagram) => {
        send(port, datagram, association.peer);
      },
      onKeys: (keys) => {
        association.keys = keys;
        onProven(port, association.peer);
      },
      onFailed: (reason) => {
        // Of one that was replaced nobody wants to know.
        if (association === this.#associations.get(port)) this.#fail(reason);
      },
      onDropped,
    });
  }

  #fail(reason: string): void {
    if (this.#isFailed) return;
    this.#isFailed = true;
    this.#deps.onFailed(reason);
  }

  #end(): void {
    for (const { handshake } of this.#associations.values()) handshake?.close();
    this.#associations.clear();
    this.#isFailed = false;
  }
}
