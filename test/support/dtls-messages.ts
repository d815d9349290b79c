import { nodeDtlsCrypto } from '../../media-node/src/adapters/werift/node-dtls-crypto.ts';
import { concatBytes } from '../../media-node/src/core/media/bytes.ts';
import type { DtlsCrypto } from '../../media-node/src/core/media/dtls-crypto.ts';
import {
  type HandshakeMessage,
  writeHandshake,
} from '../../media-node/src/core/media/dtls-message.ts';

/* Handshake messages as bytes, for those who judge them. */

export const bytes = (...parts: readonly (number | Uint8Array)[]): Uint8Array =>
  concatBytes(...parts.map((it) => (typeof it === 'number' ? Uint8Array.of(it) : it)));
export const vector = (prefixBytes: number, body: Uint8Array): Uint8Array => {
  const prefix = Array.from({ length: prefixBytes }, (_, at) => {
    return Math.floor(body.length / 256 ** (prefixBytes - 1 - at)) % 256;
  });
  return bytes(Uint8Array.from(prefix), body);
};
export const extension = (type: number, body: Uint8Array) => bytes(0, type, vector(2, body));

export const NONE = new Uint8Array(0);
export const COOKIE = new Uint8Array(20).fill(9);
export const GCM = extension(14, Uint8Array.of(0, 2, 0, 7, 0));
export const CM = extension(14, Uint8Array.of(0, 2, 0, 1, 0));
export const EXTENDED = extension(23, NONE);
export const DTLS_1_2 = Uint8Array.of(254, 253);
export const DTLS_1_0 = Uint8Array.of(254, 255);

interface Hello {
  readonly version?: Uint8Array;
  readonly random?: number;
  readonly cookie?: Uint8Array;
  readonly extensions?: Uint8Array;
}
export const hello = (given: Hello, sequence = given.cookie ? 1 : 0): HandshakeMessage => {
  const { version = DTLS_1_2, random = 1, cookie = NONE } = given;
  const { extensions = bytes(GCM, EXTENDED) } = given;
  const body = bytes(
    version,
    new Uint8Array(32).fill(random),
    vector(1, NONE),
    vector(1, cookie),
    vector(2, Uint8Array.of(0xc0, 0x2b)),
    vector(1, Uint8Array.of(0)),
    vector(2, extensions),
  );
  return { type: 1, sequence, body };
};

export const MASTER_SECRET = new Uint8Array(48).fill(3);

/** Signatures that are their own input, so that a test sees what was signed. */
export const plain: DtlsCrypto = {
  ...nodeDtlsCrypto,
  fingerprint: (algorithm, certificate) => `${algorithm} ${String(certificate[0])}`.toUpperCase(),
  isSignedBy: (_certificate, { data, signature }) =>
    Buffer.compare(nodeDtlsCrypto.sha256(data), signature) === 0,
};
export const hashed = (messages: readonly HandshakeMessage[]) =>
  concatBytes(...messages.map(writeHandshake));
