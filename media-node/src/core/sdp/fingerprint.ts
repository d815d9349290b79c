/** Names of certificates by one hash: a certificate is the right one if it has any of them (RFC 8122 §5.1). */
export interface Fingerprints {
  /** In lower case: `sha-256`. */
  readonly algorithm: string;
  /** Upper-case hex with colons; one at least. */
  readonly values: readonly string[];
}

interface Hash {
  readonly algorithm: string;
  readonly octets: number;
}

/** Hashes that may name a certificate, the strongest first; weaker ones are passed over (RFC 8122 §5). */
const HASHES: readonly Hash[] = [
  { algorithm: 'sha-512', octets: 64 },
  { algorithm: 'sha-384', octets: 48 },
  { algorithm: 'sha-256', octets: 32 },
];
/** A certificate for RTP, one for RTCP, and those before them: more than any peer has. */
export const MAX_FINGERPRINTS = 8;

/** Those by the strongest hash among them that can be used, and no others (RFC 8122 §5.1). */
export function readFingerprints(attributes: readonly string[]): Fingerprints | undefined {
  const named = attributes.map((text) => {
    const [algorithm = '', value = ''] = text.trim().split(/ +/);
    return { algorithm: algorithm.toLowerCase(), value: value.toUpperCase() };
  });
  return HASHES.map((hash) => ({
    algorithm: hash.algorithm,
    values: [
      ...new Set(
        named
          .filter((it) => it.algorithm === hash.algorithm && hasOctets(it.value, hash.octets))
          .map((it) => it.value),
      ),
    ].slice(0, MAX_FINGERPRINTS),
  })).find(({ values }) => values.length > 0);
}

function hasOctets(value: string, count: number): boolean {
  const pairs = value.split(':');
  return pairs.length === count && pairs.every((it) => /^[0-9A-F]{2}$/.test(it));
}

/** The same certificates are named, in whatever order. */
export const isSameFingerprints = (one: Fingerprints, other: Fingerprints): boolean =>
  one.algorithm === other.algorithm &&
  one.values.length === other.values.length &&
  one.values.every((it) => other.values.includes(it));
