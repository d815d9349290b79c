import type { Options } from '../plan.ts';

/** What each call carries, both ways at once. */
export interface Traffic {
  readonly case: string;
  readonly calls: number;
  readonly packetsPerS: number;
  /** Packets that leave together. */
  readonly burst: number;
  readonly payloadBytes: number;
}

export interface MediaPlan {
  readonly rounds: number;
  readonly warmUpS: number;
  readonly measuredS: number;
  readonly traffic: readonly Traffic[];
  /** Calls that are tried, one number after the other, until one is too much. */
  readonly ramp: Readonly<Record<RampOf, readonly number[]>>;
}

/** JavaScript in the path of each packet carries a fraction of what C does. */
export type RampOf = 'script' | 'native';

const audio = (calls: number): Traffic => ({
  case: `audio, ${String(calls)} calls`,
  calls,
  packetsPerS: 50,
  burst: 1,
  payloadBytes: 160,
});

/** 1 Mbit/s: 30 pictures a second of 4 packets each. */
const VIDEO: Traffic = {
  case: 'video, 60 calls',
  calls: 60,
  packetsPerS: 120,
  burst: 4,
  payloadBytes: 1_042,
};

export const audioOf = audio;

const FULL: MediaPlan = {
  rounds: 3,
  warmUpS: 1,
  measuredS: 4,
  traffic: [audio(50), audio(200), audio(500), VIDEO],
  ramp: {
    script: [50, 100, 150, 200, 250, 300],
    native: [200, 300, 400, 500, 600, 700, 800, 900, 1_000, 1_100, 1_200, 1_300],
  },
};

const QUICK: MediaPlan = {
  rounds: 1,
  warmUpS: 0.5,
  measuredS: 1,
  traffic: [audio(500), VIDEO],
  ramp: { script: [100], native: [400, 800] },
};

export const mediaPlanFor = ({ quick }: Options): MediaPlan => (quick ? QUICK : FULL);

/** What a talker would not notice. */
export const USABLE_P99_MS = 20;
