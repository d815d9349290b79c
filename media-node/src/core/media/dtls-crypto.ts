import type { Fingerprints } from '../sdp/fingerprint.ts';
import { concatBytes } from './bytes.ts';

/** What the proofs of a DTLS handshake are made of; an adapter supplies it. */
export interface DtlsCrypto {
  sha256(input: Uint8Array): Uint8Array;
  hmacSha256(key: Uint8Array, input: Uint8Array): Uint8Array;
  /** Upper-case hex with colons; `undefined` for a hash that is unknown or too weak. */
  fingerprint(algorithm: string, certificate: Uint8Array): string | undefined;
  /** Whether the key of the certificate made the signature; false for whatever cannot be read. */
  isSignedBy(certificate: Uint8Array, signed: Signed): boolean;
}

export interface Signed {
  /** Hash and signature algorithm, one octet each (RFC 5246 §7.4.1.4.1). */
  readonly scheme: number;
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
}

/** Whether the certificate is one of those that were named (RFC 8122 §5.1). */
export function isNamedBy(
  crypto: DtlsCrypto,
  { algorithm, values }: Fingerprints,
  certificate: Uint8Array,
): boolean {
  const actual = crypto.fingerprint(algorithm.toLowerCase(), certificate);
  return actual !== undefined && values.some((it) => it.toUpperCase() === actual);
}

const VERIFY_DATA_BYTES = 12;

export interface Confirmed {
  readonly masterSecret: Uint8Array;
  /** All handshake messages before that Finished, the other side's included (RFC 5246 §7.4.9). */
  readonly transcript: Uint8Array;
}

/** What Finished says; twelve octets need no more than one block of the PRF (RFC 5246 §5). */
export function verifyData(
  crypto: DtlsCrypto,
  side: 'client' | 'server',
  { masterSecret, transcript }: Confirmed,
): Uint8Array {
  const label = Uint8Array.from(`${side} finished`, (it) => it.charCodeAt(0));
  const seed = concatBytes(label, crypto.sha256(transcript));
  const first = crypto.hmacSha256(masterSecret, seed);
  return crypto.hmacSha256(masterSecret, concatBytes(first, seed)).subarray(0, VERIFY_DATA_BYTES);
}
