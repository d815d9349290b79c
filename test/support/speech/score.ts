import { finderIn } from './find-in.ts';
import { intelligibility } from './intelligibility.ts';
import { agreedPlace } from './lag.ts';
import { spectralDistance } from './spectral-distance.ts';

export interface SecondScore {
  /** STOI: 1 is the reference itself. */
  readonly stoi: number;
  /** Log-spectral distance, dB. */
  readonly distanceDb: number;
  readonly correlation: number;
  /** The sample of what is said at which it begins. */
  readonly at: number;
}

export interface SpeechScore extends Omit<SecondScore, 'at'> {
  /** Of all seconds: what loss does to some of them counts. */
  readonly meanStoi: number;
  /** Where in what is said over and over the first of what was heard is. */
  readonly startMs: number;
  /** How far off a steady pace the seconds are; wrong sound fits anywhere, seconds apart. */
  readonly wanderMs: number;
}

export interface ScoreCase {
  /** Said over and over. */
  readonly said: Int16Array;
  readonly heard: Int16Array;
  readonly rateHz: number;
  /** Of what is heard, as much is said by this voice; the rest is by others and is not its own. */
  readonly ownShare?: number;
}

/**
 * Lossless calls through every pair score 0.90 to 0.99 and 1 to 5 dB; the nearest wrong sound
 * (frames swapped in pairs, every second frame silent) 0.75 and 6.6 dB.
 */
export const GOOD_SPEECH = {
  stoi: 0.85,
  distanceDb: 6,
  /** As far as a jitter buffer of ours may move. */
  wanderMs: 300,
} as const;

export const isGoodSpeech = ({ stoi, distanceDb }: SpeechScore): boolean =>
  stoi >= GOOD_SPEECH.stoi && distanceDb <= GOOD_SPEECH.distanceDb;

const STRETCH_S = 1;

/**
 * Scores what was heard against what was said, second by second, each where it fits best: a jitter
 * buffer may move speech by some milliseconds at any time. Of all seconds the upper quartile counts:
 * one in which a busy machine could not play does not, and wrong sound is wrong in every one.
 */
export function scoreSpeech({ said, heard, rateHz, ownShare = 1 }: ScoreCase): SpeechScore {
  const quartileOf = (values: readonly number[]): number =>
    [...values].sort((a, b) => b - a)[Math.floor((values.length * ownShare) / 4)] ?? Number.NaN;
  const scores = scoreSeconds(said, heard, rateHz);
  const starts = scores.map(({ at }, second) => at - second * STRETCH_S * rateHz);
  const { at, wander } = agreedPlace(starts, said.length);
  return {
    stoi: quartileOf(scores.map((it) => it.stoi)),
    meanStoi: scores.reduce((sum, it) => sum + it.stoi, 0) / scores.length,
    distanceDb: -quartileOf(scores.map((it) => -it.distanceDb)),
    correlation: quartileOf(scores.map((it) => it.correlation)),
    startMs: (at * 1000) / rateHz,
    wanderMs: (wander * 1000) / rateHz,
  };
}

/** Each second by itself. */
export function scoreSeconds(
  said: Int16Array,
  heard: Int16Array,
  rateHz: number,
): readonly SecondScore[] {
  const length = rateHz * STRETCH_S;
  // A second may begin in one round and end in the next.
  const reference = new Float64Array(said.length + length);
  reference.set(said);
  reference.set(said.subarray(0, length), said.length);
  const find = finderIn(reference, length);
  return stretchesOf(Float64Array.from(heard), length).map((stretch) => {
    const { at, correlation } = find(stretch);
    const there = reference.subarray(at, at + length);
    // Bands end where the narrowest codec of that rate does.
    const highestHz = rateHz === 8000 ? 3400 : 6400;
    return {
      stoi: intelligibility(there, stretch, rateHz),
      distanceDb: spectralDistance(there, stretch, { rateHz, highestHz }),
      ...{ correlation, at },
    };
  });
}

const stretchesOf = (signal: Float64Array, length: number): readonly Float64Array[] =>
  Array.from({ length: Math.floor(signal.length / length) }, (_, at) =>
    signal.subarray(at * length, (at + 1) * length),
  );
