import { createHash, timingSafeEqual } from 'node:crypto';
import { parseParams, splitOutside } from '../sip/header-values.ts';

export type DigestAlgorithm = 'MD5' | 'SHA-256';

export type DigestParams = ReadonlyMap<string, string>;

export function parseDigest(header: string | undefined): DigestParams | undefined {
  const [, params] = /^Digest\s+(.*)$/is.exec(header ?? '') ?? [];
  return params === undefined ? undefined : parseParams(splitOutside(params, ','));
}

export interface DigestSecret {
  readonly algorithm: DigestAlgorithm;
  readonly username: string;
  readonly realm: string;
  readonly password: string;
}

/** RFC 7616 §3.4.1 for qop=auth. */
export function digestResponse(secret: DigestSecret, method: string, params: DigestParams): string {
  const hash = (text: string): string =>
    createHash(secret.algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex');
  const field = (name: string): string => params.get(name) ?? '';
  const ha1 = hash(`${secret.username}:${secret.realm}:${secret.password}`);
  const ha2 = hash(`${method}:${field('uri')}`);
  return hash([ha1, field('nonce'), field('nc'), field('cnonce'), 'auth', ha2].join(':'));
}

export function isSameDigest(expected: string, given: string): boolean {
  const [left, right] = [Buffer.from(expected), Buffer.from(given.toLowerCase())];
  return left.length === right.length && timingSafeEqual(left, right);
}
