import { isIPv6 } from 'node:net';

export interface LocalAddress {
  readonly bindAddress: string;
  /** What Via and Contact name; the bind address where nothing translates it. */
  readonly announcedAddress: string;
}

export interface FlowOptions extends LocalAddress {
  /** Of the other family, for a P-CSCF that has no address of this one. */
  readonly other?: LocalAddress;
}

export type LocalAddresses = ReadonlyMap<4 | 6, LocalAddress>;

/** The family of the bind address is preferred. */
export function localsOf({ other, ...first }: FlowOptions): LocalAddresses {
  const family = familyOf(first);
  const both = other && familyOf(other) !== family ? [first, other] : [first];
  return new Map(both.map((local) => [familyOf(local), local]));
}

const familyOf = ({ bindAddress }: LocalAddress): 4 | 6 => (isIPv6(bindAddress) ? 6 : 4);
