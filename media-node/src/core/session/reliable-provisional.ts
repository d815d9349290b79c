/** A 101 to 199 of ours that must arrive. */
export interface Provisional {
  readonly status: number;
  readonly sdp?: string;
}

interface Numbered extends Provisional {
  readonly rseq: number;
}

export type ReliableTimer = 'retransmit' | 'give-up';

/** Reliable provisional responses to one INVITE, as who answers it (RFC 3262 §3). */
export interface ReliableState {
  /** CSeq of the INVITE, which RAck repeats. */
  readonly cseq: number;
  readonly nextRseq: number;
  readonly outstanding: Numbered | undefined;
  readonly waiting: readonly Provisional[];
  /** Our 2xx waits for the PRACK of a description. */
  readonly isAnswerHeld: boolean;
  readonly isOver: boolean;
  readonly delayMs: number;
  readonly t1Ms: number;
}

export interface RAck {
  readonly rseq: number;
  readonly cseq: number;
  readonly method: string;
}

export type ReliableEvent =
  | { readonly kind: 'response-wanted'; readonly response: Provisional }
  | { readonly kind: 'answer-wanted' }
  | { readonly kind: 'prack-received'; readonly rack: RAck | undefined }
  | { readonly kind: 'timer-fired'; readonly timer: ReliableTimer }
  /** Rejected or cancelled: nothing provisional is sent any more. */
  | { readonly kind: 'ended' };

export type ReliableEffect =
  | { readonly kind: 'send-provisional'; readonly response: Numbered }
  | { readonly kind: 'accept-prack'; readonly acknowledged: Numbered }
  | { readonly kind: 'refuse-prack' }
  | { readonly kind: 'send-answer' }
  /** Nobody acknowledges: the INVITE is refused (RFC 3262 §3). */
  | { readonly kind: 'give-up' }
  | { readonly kind: 'start-timer'; readonly timer: ReliableTimer; readonly ms: number }
  | { readonly kind: 'stop-timer'; readonly timer: ReliableTimer };

export interface ReliableStep {
  readonly state: ReliableState;
  readonly effects: readonly ReliableEffect[];
}

/** RFC 3262 §3 lets the first RSeq be any of these. */
const RSEQ_LIMIT = 2 ** 31;

export interface FirstReliable {
  readonly cseq: number;
  readonly rseq: number;
  readonly t1Ms: number;
}

export const firstReliable = ({ cseq, rseq, t1Ms }: FirstReliable): ReliableState => ({
  cseq,
  nextRseq: 1 + (Math.abs(rseq) % (RSEQ_LIMIT - 1)),
  outstanding: undefined,
  waiting: [],
  isAnswerHeld: false,
  isOver: false,
  ...{ delayMs: t1Ms, t1Ms },
});

export function stepReliable(state: ReliableState, event: ReliableEvent): ReliableStep {
  switch (event.kind) {
    case 'response-wanted':
      return wanted(state, event.response);
    case 'answer-wanted':
      return answerWanted(state);
    case 'prack-received':
      return pracked(state, event.rack);
    case 'timer-fired':
      return timerFired(state, event.timer);
    case 'ended':
      return over(state);
  }
}

/** A second one must not leave before the first is acknowledged (RFC 3262 §3). */
function wanted(state: ReliableState, response: Provisional): ReliableStep {
  if (state.isOver || state.isAnswerHeld) return stay(state);
  if (state.outstanding)
    return { state: { ...state, waiting: [...state.waiting, response] }, effects: [] };
  return send(state, response);
}

function send(state: ReliableState, response: Provisional): ReliableStep {
  const numbered = { ...response, rseq: state.nextRseq };
  return {
    state: { ...state, outstanding: numbered, nextRseq: state.nextRseq + 1, delayMs: state.t1Ms },
    effects: [
      { kind: 'send-provisional', response: numbered },
      { kind: 'start-timer', timer: 'retransmit', ms: state.t1Ms },
      { kind: 'start-timer', timer: 'give-up', ms: 64 * state.t1Ms },
    ],
  };
}

/** A 2xx may overtake provisional responses, but not the description in one (RFC 3262 §3). */
function answerWanted(state: ReliableState): ReliableStep {
  if (state.isOver || state.isAnswerHeld) return stay(state);
  const described = state.waiting.filter(({ sdp }) => sdp !== undefined);
  if (state.outstanding?.sdp !== undefined || described.length > 0)
    return { state: { ...state, waiting: described, isAnswerHeld: true }, effects: [] };
  const { state: done, effects } = over(state);
  return { state: done, effects: [...effects, { kind: 'send-answer' }] };
}

function pracked(state: ReliableState, rack: RAck | undefined): ReliableStep {
  const { outstanding } = state;
  if (state.isOver || !outstanding || !rack || !matches(rack, outstanding, state.cseq))
    return { state, effects: [{ kind: 'refuse-prack' }] };
  const [next, ...waiting] = state.waiting;
  const acknowledged = { ...state, outstanding: undefined, waiting };
  const effects: readonly ReliableEffect[] = [
    ...STOP,
    { kind: 'accept-prack', acknowledged: outstanding },
  ];
  if (next) return after(effects, send(acknowledged, next));
  if (!state.isAnswerHeld) return { state: acknowledged, effects };
  return {
    state: { ...acknowledged, isOver: true },
    effects: [...effects, { kind: 'send-answer' }],
  };
}

const matches = (rack: RAck, { rseq }: Numbered, cseq: number): boolean =>
  rack.rseq === rseq && rack.cseq === cseq && rack.method === 'INVITE';

function timerFired(state: ReliableState, timer: ReliableTimer): ReliableStep {
  if (state.isOver || !state.outstanding) return stay(state);
  if (timer === 'give-up') return after([{ kind: 'give-up' }], over(state));
  const delayMs = state.delayMs * 2;
  return {
    state: { ...state, delayMs },
    effects: [
      { kind: 'send-provisional', response: state.outstanding },
      { kind: 'start-timer', timer: 'retransmit', ms: delayMs },
    ],
  };
}

const STOP: readonly ReliableEffect[] = [
  { kind: 'stop-timer', timer: 'retransmit' },
  { kind: 'stop-timer', timer: 'give-up' },
];

const over = (state: ReliableState): ReliableStep => ({
  state: { ...state, outstanding: undefined, waiting: [], isOver: true },
  effects: STOP,
});

const after = (first: readonly ReliableEffect[], then: ReliableStep): ReliableStep => ({
  state: then.state,
  effects: [...first, ...then.effects],
});

const stay = (state: ReliableState): ReliableStep => ({ state, effects: [] });

/** `response-num CSeq-num Method` (RFC 3262 §7.2). */
export function parseRAck(text: string | undefined): RAck | undefined {
  const [, rseq, cseq, method] = /^\s*(\d{1,10})\s+(\d{1,10})\s+(\S+)\s*$/.exec(text ?? '') ?? [];
  if (rseq === undefined || cseq === undefined || method === undefined) return undefined;
  return { rseq: Number(rseq), cseq: Number(cseq), method };
}
