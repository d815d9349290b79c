import { isInRange, readIpAddress } from '../sdp/ip-address.ts';

export interface Source {
  readonly address: string;
  readonly port: number;
}

/** How far from the signalled address a peer behind a NAT may be: its network. */
const NETWORK_BITS = { ipv4: 24, ipv6: 64 } as const;
const IPV4_OCTETS = 4;

/**
 * Whom one port of the IMS leg hears (MED-12): the signalled source alone. Where the trunk's policy
 * allows to learn, the first RTP from the signalled network decides, once, and nobody after it.
 */
export class SourceLock {
  readonly #signalled: Source;
  #heard: Source | undefined;

  constructor(signalled: Source, learns: boolean) {
    this.#signalled = signalled;
    this.#heard = learns ? undefined : signalled;
  }

  /** Where to send: to the signalled address until another one has been learnt. */
  get peer(): Source {
    return this.#heard ?? this.#signalled;
  }

  /** Whether a handshake may come from there; it learns nothing, but its end does. */
  admits(from: Source): boolean {
    if (this.#heard) return isSame(from, this.#heard);
    return isOfNetwork(from.address, this.#signalled.address);
  }

  /** The peer has proven who it is, where it is. */
  settle({ address, port }: Source): void {
    this.#heard ??= { address, port };
  }

  /** `isSound`: the packet is what is expected here; only from such a one is learnt. */
  hears(from: Source, isSound: () => boolean): boolean {
    if (this.#heard) return isSame(from, this.#heard);
    if (!(isOfNetwork(from.address, this.#signalled.address) && isSound())) return false;
    this.#heard = { address: from.address, port: from.port };
    return true;
  }
}

const isSame = (one: Source, other: Source): boolean =>
  one.port === other.port && one.address === other.address;

function isOfNetwork(text: string, signalled: string): boolean {
  const [address, base] = [readIpAddress(text), readIpAddress(signalled)];
  if (!(address && base)) return false;
  const prefixBits = base.length === IPV4_OCTETS ? NETWORK_BITS.ipv4 : NETWORK_BITS.ipv6;
  return isInRange(address, { base, prefixBits });
}
