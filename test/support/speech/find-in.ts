import { transform } from './fourier.ts';

export interface Fit {
  /** In samples. */
  readonly at: number;
  /** 1 is the same signal. */
  readonly correlation: number;
}

/** Samples that are one while the place is looked for roughly. */
const STEP = 4;
/** Around the rough place, each sample is tried. */
const REACH = 2 * STEP;

const powerOfTwo = (atLeast: number): number => 2 ** Math.ceil(Math.log2(Math.max(2, atLeast)));
const energyOf = (of: Float64Array): number => of.reduce((sum, value) => sum + value * value, 0);

interface Spectrum {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

function spectrumOf(signal: Float64Array, size: number): Spectrum {
  const [re, im] = [new Float64Array(size), new Float64Array(size)];
  re.set(signal);
  transform(re, im);
  return { re, im };
}

/** Means of so many samples each: speech has its weight far below half of the rate that is left. */
function thinned(signal: Float64Array): Float64Array {
  return Float64Array.from({ length: Math.floor(signal.length / STEP) }, (_, index) => {
    let sum = 0;
    for (let at = index * STEP; at < (index + 1) * STEP; at += 1) sum += signal[at] ?? 0;
    return sum / STEP;
  });
}

/** Where in one long signal shorter ones, of one length at most, fit best: its transform is made once. */
export function finderIn(long: Float64Array, longest: number): (short: Float64Array) => Fit {
  const rough = thinned(long);
  const size = powerOfTwo(rough.length + longest / STEP);
  const there = spectrumOf(rough, size);
  return (short) => {
    const near = roughly(there, thinned(short), rough.length) * STEP;
    const last = Math.max(0, long.length - short.length);
    let [at, most] = [0, Number.NEGATIVE_INFINITY];
    for (let place = Math.max(0, near - REACH); place <= Math.min(last, near + REACH); place += 1) {
      let product = 0;
      for (let index = 0; index < short.length; index += 1) {
        product += (long[place + index] ?? 0) * (short[index] ?? 0);
      }
      if (product > most) [at, most] = [place, product];
    }
    const part = long.subarray(at, at + short.length);
    return { at, correlation: most / Math.sqrt(energyOf(part) * energyOf(short) + 1e-9) };
  };
}

export const findIn = (long: Float64Array, short: Float64Array): Fit =>
  finderIn(long, short.length)(short);

/** By the transform of the product, which is the correlation at every place. */
function roughly({ re, im }: Spectrum, short: Float64Array, length: number): number {
  const own = spectrumOf(short, re.length);
  const product = own.re.map((x, k) => x * (re[k] ?? 0) + (own.im[k] ?? 0) * (im[k] ?? 0));
  // The inverse transform is the transform of the conjugate.
  const conjugate = own.re.map((x, k) => (own.im[k] ?? 0) * (re[k] ?? 0) - x * (im[k] ?? 0));
  transform(product, conjugate);
  let at = 0;
  for (let place = 0; place <= length - short.length; place += 1) {
    if ((product[place] ?? 0) > (product[at] ?? 0)) at = place;
  }
  return at;
}
