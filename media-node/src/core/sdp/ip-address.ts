/** An address as its bits: 4 or 16 octets. */
export type IpAddress = readonly number[];

/** Only what is an IP address in its usual form; no names, no odd notations of IPv4. */
export function readIpAddress(text: string): IpAddress | undefined {
  return text.includes(':') ? readIpv6(text) : readIpv4(text);
}

/** Of what is an address. */
export const familyOf = (address: string): 4 | 6 => (address.includes(':') ? 6 : 4);

function readIpv4(text: string): IpAddress | undefined {
  if (!/^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/.test(text)) return undefined;
  const octets = text.split('.').map(Number);
  return octets.every((it) => it <= 255) ? octets : undefined;
}

function readIpv6(text: string): IpAddress | undefined {
  const [head = '', tail, more] = text.split('::');
  if (more !== undefined) return undefined;
  const front = readGroups(head, tail === undefined);
  const back = readGroups(tail ?? '', true);
  if (!(front && back)) return undefined;
  const missing = 16 - front.length - back.length;
  if (tail === undefined ? missing !== 0 : missing < 2) return undefined;
  return [...front, ...Array.from({ length: missing }, () => 0), ...back];
}

/** `isEnd`: of the whole address, where IPv4 may stand (RFC 4291 §2.2). */
function readGroups(text: string, isEnd: boolean): readonly number[] | undefined {
  if (text === '') return [];
  const groups = text.split(':');
  const octets = groups.map((group, index) =>
    readGroup(group, isEnd && index === groups.length - 1),
  );
  return octets.every((it) => it !== undefined) ? octets.flat() : undefined;
}

function readGroup(group: string, isLast: boolean): readonly number[] | undefined {
  if (isLast && group.includes('.')) return readIpv4(group);
  if (!/^[0-9a-f]{1,4}$/i.test(group)) return undefined;
  const value = Number.parseInt(group, 16);
  return [value >> 8, value & 0xff];
}

export interface AddressRange {
  readonly base: IpAddress;
  readonly prefixBits: number;
}

/** `10.0.0.0/8`; a bare address is a range of one. */
export function readAddressRange(text: string): AddressRange | undefined {
  const [address = '', prefix] = text.split('/');
  const base = readIpAddress(address);
  if (!base) return undefined;
  const prefixBits = prefix === undefined ? base.length * 8 : Number(prefix);
  const isValid = Number.isInteger(prefixBits) && prefixBits >= 0 && prefixBits <= base.length * 8;
  return isValid ? { base, prefixBits } : undefined;
}

export const isInRange = (address: IpAddress, { base, prefixBits }: AddressRange): boolean =>
  address.length === base.length &&
  address.every((octet, index) => {
    const bits = Math.min(8, Math.max(0, prefixBits - 8 * index));
    const mask = (0xff << (8 - bits)) & 0xff;
    return (octet & mask) === ((base[index] ?? 0) & mask);
  });

/** `::ffff:a.b.c.d` reaches the same host as `a.b.c.d`; NAT64 likewise (RFC 6052 §2.1). */
export function embeddedIpv4(address: IpAddress): IpAddress | undefined {
  const embedded = EMBEDDING.some((range) => isInRange(address, range));
  return embedded ? address.slice(12) : undefined;
}

const zeroes = (count: number): readonly number[] => Array.from({ length: count }, () => 0);
const EMBEDDING: readonly AddressRange[] = [
  { base: [...zeroes(10), 0xff, 0xff, ...zeroes(4)], prefixBits: 96 },
  { base: [0, 0x64, 0xff, 0x9b, ...zeroes(12)], prefixBits: 96 },
];
