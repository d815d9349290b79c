import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import {
  SIGNATURE_HEADERS,
  SIGNATURE_WINDOW_MS,
  signedText,
} from '@isthmus/shared/control/signature';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import { err, ok, type Result } from '@isthmus/shared/result';

export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const SIGNATURE = /^[0-9a-f]{64}$/;
const NONCE = /^[\w-]{8,128}$/;
const refused = (reason: string) => err(new IwfError('control.unauthenticated', { reason }));

/** Proves that a request comes from a holder of this boot's key, is fresh, and comes once. */
export class RequestVerifier {
  readonly #key: Buffer;
  readonly #nowMs: () => number;
  /** Nonce → when its request would be too old anyway. */
  readonly #nonces = new Map<string, number>();

  constructor(key: Buffer, nowMs: () => number) {
    this.#key = key;
    this.#nowMs = nowMs;
  }

  verify({ method, path, headers, body }: SignedRequest): Result<void, IwfError> {
    const time = headerOf(headers, SIGNATURE_HEADERS.time);
    const nonce = headerOf(headers, SIGNATURE_HEADERS.nonce);
    const signature = headerOf(headers, SIGNATURE_HEADERS.signature);
    if (!SIGNATURE.test(signature) || !NONCE.test(nonce)) return refused('not signed');
    const timeMs = Number(time);
    const nowMs = this.#nowMs();
    if (!(Math.abs(nowMs - timeMs) <= SIGNATURE_WINDOW_MS)) return refused('out of time');
    const bodySha256 = createHash('sha256').update(body).digest('hex');
    const text = signedText({ method, path, timeMs, nonce, bodySha256 });
    const expected = createHmac('sha256', this.#key).update(text).digest();
    if (!timingSafeEqual(expected, Buffer.from(signature, 'hex'))) return refused('forged');
    if (this.#isReplay(nonce, nowMs)) return refused('replayed');
    this.#nonces.set(nonce, timeMs + SIGNATURE_WINDOW_MS);
    return ok(undefined);
  }

  #isReplay(nonce: string, nowMs: number): boolean {
    for (const [known, endsMs] of this.#nonces) if (endsMs < nowMs) this.#nonces.delete(known);
    return this.#nonces.has(nonce);
  }
}

function headerOf(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}
