/** What we ask the far side to send: less where much of it is lost (3GPP TS 26.114 §10.2.1). */
export interface ModeRequestState {
  readonly request: number;
  readonly frames: number;
  readonly lost: number;
}

/** The requests that may be made of a codec. */
export interface ModeRequests {
  /** Nothing is asked for. */
  readonly none: number;
  /** While much is lost. */
  readonly less: number;
  /** When it is over; `none` where that takes a request back. */
  readonly enough: number;
}

/** Two seconds: long enough for a share, short enough for a radio that fades. */
const WINDOW_FRAMES = 100;
const TOO_MANY_LOST = 8;
const FEW_LOST = 2;

export const firstModeRequest = ({ none }: ModeRequests): ModeRequestState => ({
  ...{ request: none, frames: 0, lost: 0 },
});

/** After each frame played. Lost frames lower the request, a clear window lifts it, the next forgets it. */
export function stepModeRequest(
  state: ModeRequestState,
  { isLost, requests }: { readonly isLost: boolean; readonly requests: ModeRequests },
): ModeRequestState {
  const frames = state.frames + 1;
  const lost = state.lost + (isLost ? 1 : 0);
  if (frames < WINDOW_FRAMES) return { ...state, frames, lost };
  return { request: judged(state.request, lost, requests), frames: 0, lost: 0 };
}

function judged(request: number, lost: number, { none, less, enough }: ModeRequests): number {
  if (lost >= TOO_MANY_LOST) return less;
  if (lost > FEW_LOST) return request;
  return request === less ? enough : none;
}
