/**
 * How late packets come, against the earliest of late: the delay that lets nearly all of them be in
 * time. Transit times are of two clocks; only their differences mean anything.
 */
export interface DelayState {
  /** The least transit of the window before this one, and of this one: it follows clocks that drift. */
  readonly least: number;
  readonly leastNow: number;
  readonly packets: number;
  /** Shares of packets by lateness; they sum to 1. */
  readonly shares: readonly number[];
}

const BUCKET_MS = 10;
const BUCKETS = 30;
/** A packet's weight halves in about 70 others: 1.4 s. */
const FORGET = 0.99;
const IN_TIME = 0.97;
/** 5 s at 50 packets a second: drift of 100 ppm is half a millisecond then. */
const WINDOW_PACKETS = 250;
const FIRST_MS = 40;
/** Of a frame: one must be whole before it can be played. */
const FRAME_MS = 20;

export const firstDelay = (transitMs: number): DelayState => ({
  least: transitMs,
  leastNow: transitMs,
  packets: 1,
  // As if all had come two frames late, until some have come.
  shares: Array.from({ length: BUCKETS }, (_, at) =>
    at === (FIRST_MS - FRAME_MS) / BUCKET_MS ? 1 : 0,
  ),
});

export function observeTransit(state: DelayState, transitMs: number): DelayState {
  const isFull = state.packets >= WINDOW_PACKETS;
  const leastNow = isFull ? transitMs : Math.min(state.leastNow, transitMs);
  const least = Math.min(isFull ? state.leastNow : state.least, transitMs);
  const bucket = Math.min(BUCKETS - 1, Math.max(0, Math.floor((transitMs - least) / BUCKET_MS)));
  const shares = state.shares.map((share, at) => share * FORGET + (at === bucket ? 1 - FORGET : 0));
  return { least, leastNow, packets: isFull ? 1 : state.packets + 1, shares };
}

/** From the earliest possible arrival of a frame to the moment it is to be played. */
export function targetDelayMs({ shares }: DelayState): number {
  let sum = 0;
  const bucket = shares.findIndex((share) => {
    sum += share;
    return sum >= IN_TIME;
  });
  const late = (bucket === -1 ? BUCKETS : bucket + 1) * BUCKET_MS;
  return late - BUCKET_MS / 2 + FRAME_MS;
}
