import { type DelayState, firstDelay, observeTransit, targetDelayMs } from './playout-delay.ts';

/** A stretch of sound as its codec packs it. */
export interface HeldFrame<F> {
  readonly frame: F;
  readonly ticks: number;
  /** The sender pauses from here on (SID, DTX): the gap that follows is no loss. */
  readonly isPause: boolean;
}

interface Placed<F> extends HeldFrame<F> {
  readonly sequence: number;
  readonly timestamp: number;
}

interface Cursor {
  /** What is to be played next. */
  readonly timestamp: number;
  /** Of the packet played last. */
  readonly sequence: number;
  readonly ticks: number;
}

/** `filling`: nothing plays yet. `pausing`: the sender is silent of its own will. */
type Phase = 'filling' | 'playing' | 'pausing';

export interface JitterState<F> {
  readonly clockRateHz: number;
  readonly phase: Phase;
  /** In order of their timestamps. */
  readonly held: readonly Placed<F>[];
  readonly delay: DelayState | undefined;
  readonly cursor: Cursor | undefined;
  /** Wrapping numbers go on from here. */
  readonly latest: { readonly sequence: number; readonly timestamp: number } | undefined;
  /** Packets with no sound: telephone-events are no loss either. */
  readonly soundless: readonly number[];
  /** Turns since anything was there to be played. */
  readonly starvedTurns: number;
  readonly counts: JitterCounts;
}

export interface JitterCounts {
  readonly played: number;
  readonly lost: number;
  readonly late: number;
  readonly dropped: number;
  readonly inserted: number;
}

export interface ArrivedPacket<F> {
  readonly kind: 'arrived';
  readonly sequence: number;
  readonly timestamp: number;
  readonly nowMs: number;
  /** None: a packet that has no sound. */
  readonly frames: readonly HeldFrame<F>[];
}

export type JitterEvent<F> =
  | ArrivedPacket<F>
  /** `isQuiet`: what was played last was so quiet that nobody hears a frame more or less. */
  | { readonly kind: 'due'; readonly nowMs: number; readonly isQuiet: boolean };

export type PlayoutDecision<F> =
  | { readonly kind: 'play'; readonly frame: F }
  /** `following` is the frame right after the lost one: it may carry redundancy. */
  | { readonly kind: 'conceal'; readonly following?: F; readonly ticks: number }
  | { readonly kind: 'comfort' }
  | { readonly kind: 'nothing' };

export interface JitterStep<F> {
  readonly state: JitterState<F>;
  readonly decision: PlayoutDecision<F>;
}

const FRAME_MS = 20;
const MAX_HELD = 64;
const MAX_SOUNDLESS = 32;
/** A stream that jumps by more is another stream. */
const MAX_JUMP_MS = 5000;
/** 300 ms of concealment is silence already. */
const MAX_STARVED_TURNS = 15;
/** A sender in DTX speaks up at least every 400 ms; CN may be sent once alone. */
const MAX_PAUSE_TURNS = 250;
/** Off the target by this much, a quiet frame is left out or put in. */
const SLACK_MS = 20;
/** By this much, a loud one is left out as well. */
const TOO_LATE_MS = 100;

const NOTHING = { kind: 'nothing' } as const;
const COMFORT = { kind: 'comfort' } as const;

export const newJitterBuffer = <F>(clockRateHz: number): JitterState<F> => ({
  clockRateHz,
  phase: 'filling',
  held: [],
  delay: undefined,
  cursor: undefined,
  latest: undefined,
  soundless: [],
  starvedTurns: 0,
  counts: { played: 0, lost: 0, late: 0, dropped: 0, inserted: 0 },
});

/** One decision for each `due`; an `arrived` decides nothing. */
export function stepJitterBuffer<F>(state: JitterState<F>, event: JitterEvent<F>): JitterStep<F> {
  if (event.kind === 'arrived') return { state: arrive(state, event), decision: NOTHING };
  if (state.phase === 'filling') return begin(state, event.nowMs);
  if (state.phase === 'pausing') return resume(state, event.nowMs);
  return goOn(state, event);
}

const unwrapped = (value: number, near: number, space: number): number => {
  const ahead = (((value - near) % space) + space) % space;
  return near + (ahead < space / 2 ? ahead : ahead - space);
};

const count = <F>(state: JitterState<F>, what: keyof JitterCounts): JitterState<F> => ({
  ...state,
  counts: { ...state.counts, [what]: state.counts[what] + 1 },
});

const msOf = <F>({ clockRateHz }: JitterState<F>, ticks: number): number =>
  (ticks * 1000) / clockRateHz;

function arrive<F>(before: JitterState<F>, packet: ArrivedPacket<F>): JitterState<F> {
  const numbers = placeOf(before, packet);
  const state = isJump(before, numbers.timestamp)
    ? { ...newJitterBuffer<F>(before.clockRateHz), counts: before.counts }
    : before;
  const latest = {
    sequence: Math.max(state.latest?.sequence ?? numbers.sequence, numbers.sequence),
    timestamp: Math.max(state.latest?.timestamp ?? numbers.timestamp, numbers.timestamp),
  };
  if (packet.frames.length === 0) {
    const soundless = [...state.soundless, numbers.sequence].slice(-MAX_SOUNDLESS);
    return { ...state, latest, soundless };
  }
  const transit = packet.nowMs - msOf(state, numbers.timestamp);
  const delay = state.delay ? observeTransit(state.delay, transit) : firstDelay(transit);
  return insert({ ...state, latest, delay }, packet.frames, numbers);
}

function placeOf<F>({ latest }: JitterState<F>, packet: ArrivedPacket<F>) {
  if (!latest) return { sequence: packet.sequence, timestamp: packet.timestamp };
  return {
    sequence: unwrapped(packet.sequence, latest.sequence, 0x1_0000),
    timestamp: unwrapped(packet.timestamp, latest.timestamp, 0x1_0000_0000),
  };
}

const isJump = <F>(state: JitterState<F>, timestamp: number): boolean =>
  state.latest !== undefined &&
  state.phase !== 'pausing' &&
  Math.abs(msOf(state, timestamp - state.latest.timestamp)) > MAX_JUMP_MS;

function insert<F>(
  state: JitterState<F>,
  frames: readonly HeldFrame<F>[],
  at: { readonly sequence: number; readonly timestamp: number },
): JitterState<F> {
  const { cursor } = state;
  const isTwice = state.held.some((it) => it.sequence === at.sequence);
  if (isTwice || (cursor && at.sequence <= cursor.sequence && at.timestamp < cursor.timestamp)) {
    return count(state, 'late');
  }
  let { timestamp } = at;
  const placed = frames.map((frame): Placed<F> => {
    const start = timestamp;
    timestamp += frame.ticks;
    return { ...frame, sequence: at.sequence, timestamp: start };
  });
  // What a packet repeats of those before it is taken where they are missing (RFC 4867 §3.7.1).
  const isHeld = (it: Placed<F>): boolean =>
    state.held.some((held) => held.timestamp === it.timestamp);
  const inTime = placed.filter(
    (it) => !(isHeld(it) || (cursor && it.timestamp + it.ticks <= cursor.timestamp)),
  );
  if (inTime.length === 0) return count(state, 'late');
  const held = [...state.held, ...inTime].sort((a, b) => a.timestamp - b.timestamp);
  return { ...state, held: held.slice(-MAX_HELD) };
}

/** When a frame is to be played: so long after its earliest possible arrival. */
function dueAtMs<F>(state: JitterState<F>, timestamp: number): number {
  const { delay } = state;
  return delay ? delay.least + msOf(state, timestamp) + targetDelayMs(delay) : 0;
}

function begin<F>(state: JitterState<F>, nowMs: number): JitterStep<F> {
  const [head] = state.held;
  if (!head || nowMs < dueAtMs(state, head.timestamp)) return { state, decision: NOTHING };
  return play({ ...state, phase: 'playing' }, head);
}

function resume<F>(state: JitterState<F>, nowMs: number): JitterStep<F> {
  const [head] = state.held;
  if (head && nowMs >= dueAtMs(state, head.timestamp)) {
    return play({ ...state, phase: 'playing' }, head);
  }
  const starvedTurns = state.starvedTurns + 1;
  if (starvedTurns > MAX_PAUSE_TURNS) return { state: emptied(state), decision: NOTHING };
  return { state: { ...state, starvedTurns }, decision: COMFORT };
}

const emptied = <F>(state: JitterState<F>): JitterState<F> => ({
  ...state,
  phase: 'filling',
  cursor: undefined,
  starvedTurns: 0,
});

function goOn<F>(
  state: JitterState<F>,
  { nowMs, isQuiet }: { readonly nowMs: number; readonly isQuiet: boolean },
): JitterStep<F> {
  const [head] = state.held;
  const { cursor } = state;
  if (!(head && cursor)) return starve(state);
  const gap = head.timestamp - cursor.timestamp;
  if (gap >= cursor.ticks) return bridge(state, head, gap);
  const offMs = nowMs - dueAtMs(state, head.timestamp);
  if (offMs > (isQuiet || head.isPause ? SLACK_MS : TOO_LATE_MS)) return skip(state, head);
  if (isQuiet && offMs < -SLACK_MS) return { state: count(state, 'inserted'), decision: COMFORT };
  return play(state, head);
}

/** Too much is held: a frame is left out, and the next one is played in its turn. */
function skip<F>(state: JitterState<F>, head: Placed<F>): JitterStep<F> {
  const [, next] = state.held;
  if (!next || next.timestamp - head.timestamp > head.ticks) return play(state, head);
  return play(count({ ...state, held: state.held.slice(1) }, 'dropped'), next);
}

function play<F>(state: JitterState<F>, head: Placed<F>): JitterStep<F> {
  const { timestamp, ticks, sequence, frame } = head;
  const held = state.held.slice(state.held.indexOf(head) + 1);
  const soundless = state.soundless.filter((it) => it > sequence);
  const played: JitterState<F> = {
    ...count(state, 'played'),
    ...{ held, soundless, starvedTurns: 0 },
    cursor: { timestamp: timestamp + ticks, sequence, ticks },
    // The frame after a pause frame is in its place, or the sender is silent: both go on from there.
    phase: head.isPause && held[0]?.timestamp !== timestamp + ticks ? 'pausing' : 'playing',
  };
  return { state: played, decision: { kind: 'play', frame } };
}

function bridge<F>(state: JitterState<F>, head: Placed<F>, gap: number): JitterStep<F> {
  const { cursor } = state;
  if (!cursor) return starve(state);
  const between = state.soundless.filter((it) => it > cursor.sequence && it < head.sequence).length;
  const missing = head.sequence - cursor.sequence - 1 - between;
  if (missing <= 0) return { state: { ...state, phase: 'pausing' }, decision: COMFORT };
  // What was concealed while nothing had come is not concealed again.
  const concealed = Math.min(state.starvedTurns * ticksOfFrame(state), gap);
  if (concealed >= cursor.ticks) {
    const timestamp = cursor.timestamp + concealed;
    return goOn(
      { ...state, starvedTurns: 0, cursor: { ...cursor, timestamp } },
      { nowMs: 0, isQuiet: false },
    );
  }
  const isNext = gap < 2 * cursor.ticks;
  const timestamp = cursor.timestamp + cursor.ticks;
  return {
    state: count({ ...state, cursor: { ...cursor, timestamp } }, 'lost'),
    decision: {
      kind: 'conceal',
      ticks: cursor.ticks,
      ...(isNext ? { following: head.frame } : {}),
    },
  };
}

const ticksOfFrame = <F>({ clockRateHz }: JitterState<F>): number =>
  (clockRateHz * FRAME_MS) / 1000;

/** Nothing has come: late or lost, nobody knows yet, so nothing is consumed. */
function starve<F>(state: JitterState<F>): JitterStep<F> {
  const starvedTurns = state.starvedTurns + 1;
  if (starvedTurns > MAX_STARVED_TURNS) return { state: emptied(state), decision: NOTHING };
  const ticks = ticksOfFrame(state);
  return { state: { ...state, starvedTurns }, decision: { kind: 'conceal', ticks } };
}
