import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { OidcIssuer } from '@isthmus/shared/store/items';
import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import type { Clock } from '../ports/clock.ts';

export interface JsonWebKeysOptions {
  readonly timeoutMs: number;
  /** An issuer is asked at most this often, whatever key ids clients make up and whatever it answers. */
  readonly coolDownMs: number;
  readonly maxAgeMs: number;
}

export type KeysOf = (issuer: OidcIssuer) => JWTVerifyGetKey;

/** A key set is a few kilobytes; an issuer of one tenant must not fill the memory of all. */
const MAX_KEYS_BYTES = 128 * 1024;

/** The public keys of issuers, fetched when first needed and kept as long as this instance lives. */
export function createJsonWebKeys(clock: Clock, options: JsonWebKeysOptions): KeysOf {
  const sets = new Map<string, JWTVerifyGetKey>();
  return ({ issuer, jwksUri }) => {
    const known = sets.get(jwksUri);
    const set = known ?? createRemoteJWKSet(new URL(jwksUri), settings(clock, options));
    if (!known) sets.set(jwksUri, set);
    return async (header, token) => {
      try {
        return await set(header, token);
      } catch (cause) {
        if (isAboutTheToken(cause)) throw cause;
        throw new IwfError('login.unavailable', { issuer }, { cause: sentenceOf(cause) });
      }
    };
  };
}

const settings = (clock: Clock, { coolDownMs, maxAgeMs, timeoutMs }: JsonWebKeysOptions) => ({
  timeoutDuration: timeoutMs,
  cooldownDuration: coolDownMs,
  cacheMaxAge: maxAgeMs,
  [customFetch]: sparingFetch(clock, coolDownMs),
});

/** For the log; `fetch` tells what happened only in the cause of its error. */
function sentenceOf(thrown: unknown): string {
  const { cause, message } = Object(thrown) as { cause?: unknown; message?: unknown };
  return cause === undefined ? String(message) : `${String(message)}: ${sentenceOf(cause)}`;
}

/** The set was there, and the token fits no key of it, or several. */
const isAboutTheToken = (cause: unknown): boolean =>
  cause instanceof errors.JWKSNoMatchingKey || cause instanceof errors.JWKSMultipleMatchingKeys;

/** The cool-down of `jose` starts with a success: an issuer that fails would be asked every time. */
function sparingFetch(clock: Clock, coolDownMs: number): typeof fetchKeys {
  let askedAtMs = Number.NEGATIVE_INFINITY;
  return (url, init) => {
    const nowMs = clock.nowMs();
    if (nowMs - askedAtMs < coolDownMs) return Promise.reject(new Error('asked a moment ago'));
    askedAtMs = nowMs;
    return fetchKeys(url, init);
  };
}

async function fetchKeys(url: string, init: RequestInit): Promise<Response> {
  const answer = await fetch(url, init);
  if (answer.status !== 200) {
    await answer.body?.cancel();
    throw new Error(`status ${String(answer.status)}`);
  }
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > MAX_KEYS_BYTES) throw new Error('larger than any key set');
    chunks.push(chunk);
  }
  return new Response(Buffer.concat(chunks));
}
