import { type EvsRules, evsRatesAt, type Span } from './evs-format.ts';

/** A mode is written as a mode request asks for it: bandwidth in three bits, rate in four. */
const BANDWIDTH_BITS = [0, 2, 3, 4];
/** Channel-aware modes at 13.2 kbit/s, wide and super-wide (3GPP TS 26.445 table A.2). */
const CHANNEL_AWARE: ReadonlyMap<number, number> = new Map([
  [5, 1],
  [6, 2],
]);
const RATE_7_2 = 1;
const RATE_13_2 = 4;
const RATES = 12;
/** Our sound has 16 kHz. */
const OUR_BANDWIDTH = 1;

const within = (value: number, { least, most }: Span): number =>
  Math.max(least, Math.min(most, value));

function modeAt(rules: EvsRules, bandwidth: number, rate: number): number {
  const allowed = within(bandwidth, rules.bandwidths);
  return ((BANDWIDTH_BITS[allowed] ?? 0) << 4) | within(rate, evsRatesAt(rules, allowed));
}

/** Wideband at 13.2 kbit/s, or what is allowed next to it. */
export const firstEvsMode = (rules: EvsRules): number => modeAt(rules, OUR_BANDWIDTH, RATE_13_2);

/** 7.2 kbit/s, which is to 13.2 what 6.60 is to 12.65 of AMR-WB. */
export const leastEvsMode = (rules: EvsRules): number => modeAt(rules, OUR_BANDWIDTH, RATE_7_2);

/**
 * A mode request as far as the rules let us. AMR-WB IO and what does not exist are ignored; a request
 * for the channel-aware mode is one for its rate.
 */
export function requestedEvsMode(rules: EvsRules, mode: number, request: number): number {
  const [bits, rate] = [request >> 4, request & 0x0f];
  const aware = CHANNEL_AWARE.get(bits);
  if (aware !== undefined) return modeAt(rules, aware, RATE_13_2);
  const bandwidth = BANDWIDTH_BITS.indexOf(bits);
  return bandwidth === -1 || rate >= RATES ? mode : modeAt(rules, bandwidth, rate);
}
