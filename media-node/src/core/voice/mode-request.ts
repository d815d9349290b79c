import type { AmrBand } from './amr-frame.ts';
import { NO_REQUEST } from './amr-payload.ts';

/** What we ask the far side to send: less where much of it is lost (3GPP TS 26.114 §10.2.1). */
export interface ModeRequestState {
  readonly request: number;
  readonly frames: number;
  readonly lost: number;
}

/** Two seconds: long enough for a share, short enough for a radio that fades. */
const WINDOW_FRAMES = 100;
const TOO_MANY_LOST = 8;
const FEW_LOST = 2;
/** 6.60 kbit/s for wideband, 5.90 kbit/s for narrowband. */
const LEAST: Readonly<Record<AmrBand, number>> = { narrow: 2, wide: 0 };

export const firstModeRequest: ModeRequestState = { request: NO_REQUEST, frames: 0, lost: 0 };

/** After each frame played. Lost frames lower the request, a clear window lifts it. */
export function stepModeRequest(
  state: ModeRequestState,
  { isLost, rules }: { readonly isLost: boolean; readonly rules: ModeRequestRules },
): ModeRequestState {
  const frames = state.frames + 1;
  const lost = state.lost + (isLost ? 1 : 0);
  if (frames < WINDOW_FRAMES) return { ...state, frames, lost };
  return { request: judged(state.request, lost, rules), frames: 0, lost: 0 };
}

export interface ModeRequestRules {
  readonly band: AmrBand;
  readonly modeSet: readonly number[];
}

function judged(request: number, lost: number, { band, modeSet }: ModeRequestRules): number {
  if (lost >= TOO_MANY_LOST)
    return modeSet.find((it) => it >= LEAST[band]) ?? modeSet[0] ?? LEAST[band];
  return lost <= FEW_LOST ? NO_REQUEST : request;
}
