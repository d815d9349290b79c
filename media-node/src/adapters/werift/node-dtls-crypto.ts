import { createHash, createHmac, verify, X509Certificate } from 'node:crypto';
import type { DtlsCrypto } from '../../core/media/dtls-crypto.ts';

/** Schemes werift asks for in its CertificateRequest, both with SHA-256. */
const KEY_TYPES: ReadonlyMap<number, string> = new Map([
  [0x0401, 'rsa'],
  [0x0403, 'ec'],
]);

/** Hashes that may name a certificate (RFC 8122 §5). */
const HASHES: ReadonlyMap<string, string> = new Map([
  ['sha-256', 'sha256'],
  ['sha-384', 'sha384'],
  ['sha-512', 'sha512'],
]);

export const nodeDtlsCrypto: DtlsCrypto = {
  sha256: (input) => createHash('sha256').update(input).digest(),
  hmacSha256: (key, input) => createHmac('sha256', key).update(input).digest(),
  fingerprint(algorithm, certificate) {
    const hash = HASHES.get(algorithm);
    if (hash === undefined) return undefined;
    const octets = [...createHash(hash).update(certificate).digest()];
    return octets.map((it) => it.toString(16).padStart(2, '0').toUpperCase()).join(':');
  },
  isSignedBy(certificate, { scheme, data, signature }) {
    try {
      const { publicKey } = new X509Certificate(certificate);
      if (publicKey.asymmetricKeyType !== KEY_TYPES.get(scheme)) return false;
      return verify('sha256', data, publicKey, signature);
    } catch {
      // A certificate or signature that cannot be read proves nothing.
      return false;
    }
  },
};
