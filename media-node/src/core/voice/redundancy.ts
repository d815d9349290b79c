import type { AmrBand } from './amr-frame.ts';
import { type AmrModeRules, modesOf } from './amr-modes.ts';
import { maxRedundancyMs } from './format-parameters.ts';

/** Whether frames are sent a second time (RFC 4867 §3.7.1), and how long the way has been calm since. */
export interface RedundancyState {
  readonly isOn: boolean;
  readonly calmReports: number;
}

/** Shares of our packets that did not reach the far end, by its own reports (RFC 3550 §6.4.1). */
const MUCH_LOST = 0.06;
const LITTLE_LOST = 0.03;
/** It is told every second, of reports that come every five: two of them are calm then. */
const CALM_REPORTS = 10;

export const noRedundancy: RedundancyState = { isOn: false, calmReports: 0 };

/** Packets are reported, not frames: what redundancy makes up for goes on being reported as lost. */
export function stepRedundancy(state: RedundancyState, lostShare: number): RedundancyState {
  if (lostShare >= MUCH_LOST) return { isOn: true, calmReports: 0 };
  if (!state.isOn) return state;
  const calmReports = lostShare < LITTLE_LOST ? state.calmReports + 1 : 0;
  return calmReports >= CALM_REPORTS ? noRedundancy : { isOn: true, calmReports };
}

/**
 * 8.85 and 7.40 kbit/s: sent twice, with their headers, they are no more than a fifth above the 12.65 and 12.2 we begin with, for
 * redundancy must not be what congests (RFC 4867 §6). Measured: 6.60 and 5.90 gain nothing where losses come in bursts.
 */
const TWICE: Readonly<Record<AmrBand, number>> = { narrow: 4, wide: 1 };
const FRAME_MS = 20;

export interface RedundancyTerms {
  readonly rules: AmrModeRules;
  /** Theirs and ours. */
  readonly formats: readonly (string | undefined)[];
  readonly framesPerPacket: number;
  /** The most they take in a packet, by their `maxptime`. */
  readonly mostFrames: number;
}

/**
 * The highest mode in which frames may be sent twice; `undefined`: in none. Both descriptions must state
 * a `max-red` in which a packet follows another (RFC 4867 §8.1): whoever leaves it out may not know
 * what to do with a frame that comes again.
 */
export function redundantMode(terms: RedundancyTerms): number | undefined {
  const { rules, formats, framesPerPacket, mostFrames } = terms;
  const isAgreed = formats.every((it) => maxRedundancyMs(it) >= framesPerPacket * FRAME_MS);
  if (!isAgreed || 2 * framesPerPacket > mostFrames) return undefined;
  return modesOf(rules).findLast((it) => it <= TWICE[rules.band]);
}
