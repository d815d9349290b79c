import { type AmrBand, amrTable } from './amr-frame.ts';
import { NO_REQUEST } from './amr-payload.ts';

/** What the receiver of our speech allows (RFC 4867 §8.1); what it leaves out is free. */
export interface AmrModeRules {
  readonly band: AmrBand;
  /** Ascending; every mode of the codec where empty. */
  readonly modeSet: readonly number[];
  /** Frames between changes of mode. */
  readonly changePeriod: 1 | 2;
  /** Only to the next mode of the set, up or down. */
  readonly neighborOnly: boolean;
}

export interface AmrModeState {
  readonly mode: number;
  readonly wanted: number;
  /** Higher ones are out of the question for now, whatever is wanted. */
  readonly most?: number;
  /** Frames since the mode of frame zero: changes fall on multiples of the period. */
  readonly frames: number;
}

export const modesOf = ({ band, modeSet }: AmrModeRules): readonly number[] =>
  modeSet.length > 0
    ? modeSet
    : Array.from({ length: amrTable(band).topMode + 1 }, (_, mode) => mode);

/** The highest allowed mode that is not above `mode`; the lowest where all are. */
function allowed(rules: AmrModeRules, mode: number): number {
  const modes = modesOf(rules);
  return modes.findLast((it) => it <= mode) ?? modes[0] ?? 0;
}

/** Where nobody has asked: 12.65 kbit/s and 12.2 kbit/s, as 3GPP TS 26.114 §5.2.1 has phones start. */
const FIRST: Readonly<Record<AmrBand, number>> = { narrow: 7, wide: 2 };

export function firstMode(rules: AmrModeRules): AmrModeState {
  const mode = allowed(rules, FIRST[rules.band]);
  return { mode, wanted: mode, frames: 0 };
}

/** A CMR is obeyed as far as the rules let us; one of a mode that does not exist is ignored (§4.3.1). */
export function requestMode(
  rules: AmrModeRules,
  state: AmrModeState,
  request: number,
): AmrModeState {
  if (request === NO_REQUEST || request > amrTable(rules.band).topMode) return state;
  return { ...state, wanted: allowed(rules, request) };
}

/** The mode of the next frame. */
export function nextMode(rules: AmrModeRules, state: AmrModeState): AmrModeState {
  const { mode, wanted, most = wanted, frames } = state;
  const next = allowed(rules, Math.min(wanted, most));
  const mayChange = frames % rules.changePeriod === 0;
  const changed = mayChange && next !== mode ? toward(rules, mode, next) : mode;
  return { ...state, mode: changed, frames: frames + 1 };
}

function toward(rules: AmrModeRules, mode: number, wanted: number): number {
  if (!rules.neighborOnly) return wanted;
  const modes = modesOf(rules);
  const at = modes.indexOf(mode);
  return modes[wanted > mode ? at + 1 : at - 1] ?? wanted;
}
