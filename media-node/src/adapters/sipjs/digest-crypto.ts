import { createCipheriv, hash as hashOnce } from 'node:crypto';
import type { EncryptBlock } from '../../core/aka/milenage.ts';
import type { Hash } from '../../core/sip/digest.ts';

/** In one go: a hash object for each would cost several times as much. */
export const hash: Hash = (algorithm, ...pieces) =>
  hashOnce(algorithm, isText(pieces) ? pieces.join('') : bytesOf(pieces), 'hex');

const isText = (pieces: readonly (string | Uint8Array)[]): pieces is readonly string[] =>
  pieces.every((it) => typeof it === 'string');

const bytesOf = (pieces: readonly (string | Uint8Array)[]): Buffer =>
  Buffer.concat(pieces.map((it) => Buffer.from(it)));

/** ECB of a single block is what MILENAGE is made of (3GPP TS 35.206 §4.1). */
export const encryptBlock: EncryptBlock = (key, block) => {
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  return new Uint8Array(Buffer.concat([cipher.update(block), cipher.final()]));
};
