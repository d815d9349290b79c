import type { Digit } from '../media/digit-reader.ts';
import { mediaTypeOf } from './sdp-body.ts';

/** Digits in SIP INFO as gateways have them since before RFC 6086, which knows no such package. */
export type InfoFormat = 'dtmf-relay' | 'dtmf';

const RELAY = 'application/dtmf-relay';
const PLAIN = 'application/dtmf';
export const INFO_TYPES = `${RELAY}, ${PLAIN}`;

/** What a body without a duration means, and the bounds of what one may say. */
const USUAL_MS = 160;
const LEAST_MS = 40;
const MOST_MS = 8_000;

export interface InfoBody {
  readonly contentType: string;
  readonly content: string;
}

export function infoBody({ digit, durationMs }: Digit, format: InfoFormat): InfoBody {
  if (format === 'dtmf') return { contentType: PLAIN, content: digit };
  const duration = String(bounded(durationMs));
  return { contentType: RELAY, content: `Signal=${digit}\r\nDuration=${duration}\r\n` };
}

/** `unknown`: a type we know nothing of; `undefined`: nothing there that is a digit. */
export function digitIn(contentType: string, body: string): Digit | 'unknown' | undefined {
  switch (mediaTypeOf(contentType)) {
    case RELAY:
      return digitOf(/^\s*signal\s*=\s*(\S+)/im.exec(body)?.[1], durationIn(body));
    case PLAIN:
      return digitOf(body.trim(), USUAL_MS);
    default:
      return 'unknown';
  }
}

const durationIn = (body: string): number =>
  Number(/^\s*duration\s*=\s*(\d{1,6})/im.exec(body)?.[1] ?? USUAL_MS);

/** Some write `10` and `11` for the star and the hash, as RTP numbers them. */
const NUMBERED: Readonly<Record<string, string>> = { '10': '*', '11': '#' };

function digitOf(text: string | undefined, durationMs: number): Digit | undefined {
  const digit = (NUMBERED[text ?? ''] ?? text ?? '').toUpperCase();
  return /^[0-9*#A-D]$/.test(digit) ? { digit, durationMs: bounded(durationMs) } : undefined;
}

const bounded = (durationMs: number): number => Math.min(Math.max(durationMs, LEAST_MS), MOST_MS);
