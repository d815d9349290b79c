/** The name of a certificate, as it came by signalling (RFC 8122 §5). */
export interface Fingerprint {
  /** In lower case: `sha-256`. */
  readonly algorithm: string;
  /** Upper-case hex with colons. */
  readonly value: string;
}

/** Hashes that may name a certificate, with their octets; weaker ones are passed over (RFC 8122 §5). */
const HASHES: ReadonlyMap<string, number> = new Map([
  ['sha-256', 32],
  ['sha-384', 48],
  ['sha-512', 64],
]);

/** Of several attributes the first that can be used. */
export function readFingerprint(values: readonly string[]): Fingerprint | undefined {
  return values
    .map((text) => {
      const [algorithm = '', value = ''] = text.trim().split(/ +/);
      return { algorithm: algorithm.toLowerCase(), value: value.toUpperCase() };
    })
    .find(({ algorithm, value }) => {
      const pairs = value.split(':');
      return (
        pairs.length === HASHES.get(algorithm) && pairs.every((it) => /^[0-9A-F]{2}$/.test(it))
      );
    });
}
