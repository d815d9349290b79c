import { hann, powerAt } from './fourier.ts';

/** Root mean square of the difference of log spectra in mel bands, dB, where there is speech. */
const WINDOW = 512;
const HOP = 256;
const BANDS = 24;
const LOWEST_HZ = 100;
/** Of the reference's mean power: frames below are pauses. */
const SPEECH_SHARE = 0.05;

const window = hann(WINDOW);
const mel = (hz: number): number => 2595 * Math.log10(1 + hz / 700);
const hertz = (of: number): number => 700 * (10 ** (of / 2595) - 1);

export function spectralDistance(
  reference: Float64Array,
  heard: Float64Array,
  { rateHz, highestHz }: { readonly rateHz: number; readonly highestHz: number },
): number {
  const step = (mel(highestHz) - mel(LOWEST_HZ)) / BANDS;
  const edges = Array.from({ length: BANDS + 1 }, (_, band) =>
    Math.round((hertz(mel(LOWEST_HZ) + step * band) * WINDOW) / rateHz),
  );
  const bandsAt = (signal: Float64Array, from: number): readonly number[] => {
    const power = powerAt(signal, { from, window, size: WINDOW });
    return edges.slice(0, -1).map((first, band) => {
      const end = Math.max(first + 1, edges[band + 1] ?? 0);
      return power.subarray(first, end).reduce((sum, value) => sum + value, 0);
    });
  };
  const mean = energyOf(reference) / reference.length;
  let [sum, count] = [0, 0];
  for (let from = 0; from + WINDOW <= reference.length; from += HOP) {
    const isSpeech =
      energyOf(reference.subarray(from, from + WINDOW)) / WINDOW > mean * SPEECH_SHARE;
    if (!isSpeech) continue;
    sum += distance(bandsAt(reference, from), bandsAt(heard, from));
    count += 1;
  }
  return sum / Math.max(1, count);
}

const energyOf = (of: Float64Array): number => of.reduce((sum, value) => sum + value * value, 0);

function distance(a: readonly number[], b: readonly number[]): number {
  const floor = Math.max(...a) * 1e-4;
  const squares = a.map(
    (value, band) => (10 * Math.log10((value + floor) / ((b[band] ?? 0) + floor))) ** 2,
  );
  return Math.sqrt(squares.reduce((sum, value) => sum + value, 0) / squares.length);
}
