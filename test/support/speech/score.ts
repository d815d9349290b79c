import { findIn } from './fourier.ts';
import { intelligibility } from './intelligibility.ts';
import { spectralDistance } from './spectral-distance.ts';

export interface SpeechScore {
  /** STOI: 1 is the reference itself. */
  readonly stoi: number;
  /** Log-spectral distance, dB. */
  readonly distanceDb: number;
  readonly correlation: number;
}

export interface ScoreCase {
  readonly said: Int16Array;
  readonly heard: Int16Array;
  readonly rateHz: number;
}

/**
 * Lossless calls through every pair score 0.90 to 0.99 and 1 to 5 dB; the nearest wrong sound
 * (frames swapped in pairs, every second frame silent) 0.75 and 6.6 dB.
 */
export const GOOD_SPEECH = { stoi: 0.85, distanceDb: 6 } as const;

export const isGoodSpeech = ({ stoi, distanceDb }: SpeechScore): boolean =>
  stoi >= GOOD_SPEECH.stoi && distanceDb <= GOOD_SPEECH.distanceDb;

const STRETCH_S = 1;

/**
 * Scores what was heard against what was said, second by second, each where it fits best: a jitter
 * buffer may move speech by some milliseconds at any time. Of all seconds the upper quartile counts:
 * one in which a busy machine could not play does not, and wrong sound is wrong in every one.
 */
export function scoreSpeech(said: Int16Array, heard: Int16Array, rateHz: number): SpeechScore {
  const scores = scoreSeconds(said, heard, rateHz);
  return {
    stoi: quartileOf(scores.map((it) => it.stoi)),
    distanceDb: -quartileOf(scores.map((it) => -it.distanceDb)),
    correlation: quartileOf(scores.map((it) => it.correlation)),
  };
}

/** Each second by itself. */
export function scoreSeconds(
  said: Int16Array,
  heard: Int16Array,
  rateHz: number,
): readonly SpeechScore[] {
  const reference = Float64Array.from(said);
  return stretchesOf(Float64Array.from(heard), rateHz).map((stretch) =>
    scoreStretch(reference, stretch, rateHz),
  );
}

const quartileOf = (values: readonly number[]): number =>
  [...values].sort((a, b) => b - a)[Math.floor(values.length / 4)] ?? Number.NaN;

function stretchesOf(signal: Float64Array, rateHz: number): readonly Float64Array[] {
  const length = rateHz * STRETCH_S;
  const count = Math.floor(signal.length / length);
  return Array.from({ length: count }, (_, at) => signal.subarray(at * length, (at + 1) * length));
}

function scoreStretch(reference: Float64Array, heard: Float64Array, rateHz: number): SpeechScore {
  const { at, correlation } = findIn(reference, heard);
  const said = reference.subarray(at, at + heard.length);
  // Bands end where the narrowest codec of that rate does.
  const highestHz = rateHz === 8000 ? 3400 : 6400;
  return {
    stoi: intelligibility(said, heard, rateHz),
    distanceDb: spectralDistance(said, heard, { rateHz, highestHz }),
    correlation,
  };
}
