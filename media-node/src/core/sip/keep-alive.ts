import { tokensOf } from './headers.ts';
import type { SipMessage } from './message.ts';

/** What a 200 to REGISTER said about keep-alives. */
export interface KeepAliveTerms {
  /** The edge answers STUN and CRLF: it said `outbound`, `keep` or `Flow-Timer`. */
  readonly isServed: boolean;
  /** Within how many seconds it wants to hear from us. */
  readonly withinS?: number;
}

const KEEP = /;\s*keep(?:\s*=\s*"?(\d{1,6})"?)?\s*(?:;|$)/i;

export interface KeepAliveHeaders {
  /** The topmost Via, our own, as it came back. */
  readonly via: string;
  readonly flowTimer: string | undefined;
  readonly require: readonly string[];
}

/** Flow-Timer (RFC 5626 §10), the value of `keep` (RFC 6223 §4.4), whichever is shorter. */
export function keepAliveTerms({ flowTimer, require, via }: KeepAliveHeaders): KeepAliveTerms {
  const keep = KEEP.exec(via);
  // Our own `keep` has no value; one that comes back with none says nothing (RFC 6223 §4.3).
  const told = [flowTimer?.trim(), keep?.[1]].flatMap((it) =>
    it !== undefined && /^\d{1,6}$/.test(it) && Number(it) > 0 ? [Number(it)] : [],
  );
  const isOutbound = require.some((it) => it.trim().toLowerCase() === 'outbound');
  return {
    isServed: told.length > 0 || isOutbound,
    ...(told.length > 0 && { withinS: Math.min(...told) }),
  };
}

/** Undefined for what is no 200 to REGISTER. */
export function keepAliveTermsOf(message: SipMessage): KeepAliveTerms | undefined {
  const { cseq, headers, start } = message;
  if (cseq.method !== 'REGISTER' || start.kind !== 'response' || start.status !== 200) {
    return undefined;
  }
  const valuesOf = (wanted: string): readonly string[] =>
    headers.filter(({ name }) => name === wanted).map(({ value }) => value);
  const [via = ''] = valuesOf('via');
  const [flowTimer] = valuesOf('flow-timer');
  return keepAliveTerms({ via, flowTimer, require: tokensOf(valuesOf('require')) });
}

const SHORTEST_S = 5;

/** RFC 5626 §4.4: 80 to 100 % of what was told, else 95 to 120 s over streams and 24 to 29 s over UDP. */
export function keepAliveMs(
  isStream: boolean,
  { withinS }: Pick<KeepAliveTerms, 'withinS'>,
  chance: number,
): number {
  const [least, most] = spanS(isStream, withinS);
  return Math.round((least + (most - least) * chance) * 1000);
}

function spanS(isStream: boolean, withinS: number | undefined): readonly [number, number] {
  if (withinS === undefined) return isStream ? [95, 120] : [24, 29];
  const most = Math.max(SHORTEST_S, withinS);
  return [Math.max(SHORTEST_S, most * 0.8), most];
}
