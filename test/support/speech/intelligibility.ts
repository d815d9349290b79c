import { hann, powerAt } from './fourier.ts';

/** Short-time objective intelligibility (Taal and others, 2011): 1 is the reference itself. */
const RATE_HZ = 10_000;
const WINDOW = 256;
const HOP = WINDOW / 2;
const SIZE = 512;
const BANDS = 15;
/** 384 ms of frames are judged together. */
const SEGMENT = 30;
/** Frames further below the loudest than this are no speech. */
const RANGE_DB = 40;
const CLIP = 1 + 10 ** (15 / 20);

const window = hann(WINDOW);
const edge = (band: number, half: number): number =>
  Math.round((150 * 2 ** (band / 3) * 2 ** (half / 6) * SIZE) / RATE_HZ);

export function intelligibility(
  reference: Float64Array,
  heard: Float64Array,
  rateHz: number,
): number {
  const clean = resampled(reference, rateHz);
  const kept = speechFrames(clean);
  const [x, y] = [clean, resampled(heard, rateHz)].map((it) => spectrum(rejoined(it, kept)));
  let [sum, count] = [0, 0];
  for (let last = SEGMENT; last <= (x?.length ?? 0); last += 1) {
    for (let band = 0; band < BANDS; band += 1) {
      const part = (of: readonly Float64Array[] | undefined): Float64Array =>
        Float64Array.from({ length: SEGMENT }, (_, at) => of?.[last - SEGMENT + at]?.[band] ?? 0);
      sum += likeness(part(x), part(y));
      count += 1;
    }
  }
  return sum / Math.max(1, count);
}

const energyOf = (of: Float64Array): number => of.reduce((sum, value) => sum + value * value, 0);

function likeness(x: Float64Array, y: Float64Array): number {
  const gain = Math.sqrt(energyOf(x) / (energyOf(y) + 1e-12));
  const clipped = y.map((value, at) => Math.min(value * gain, (x[at] ?? 0) * CLIP));
  const centred = (of: Float64Array): Float64Array => {
    const mean = of.reduce((sum, value) => sum + value, 0) / of.length;
    return of.map((value) => value - mean);
  };
  const [a, b] = [centred(x), centred(clipped)];
  const product = a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
  return product / Math.sqrt(energyOf(a) * energyOf(b) + 1e-12);
}

function speechFrames(signal: Float64Array): readonly number[] {
  const levels: number[] = [];
  for (let from = 0; from + WINDOW <= signal.length; from += HOP) {
    let energy = 0;
    for (let at = 0; at < WINDOW; at += 1)
      energy += ((signal[from + at] ?? 0) * (window[at] ?? 0)) ** 2;
    levels.push(10 * Math.log10(energy + 1e-18));
  }
  const loudest = Math.max(...levels);
  return levels.flatMap((level, frame) => (level > loudest - RANGE_DB ? [frame] : []));
}

function rejoined(signal: Float64Array, frames: readonly number[]): Float64Array {
  const whole = new Float64Array((frames.length + 1) * HOP);
  frames.forEach((frame, place) => {
    for (let at = 0; at < WINDOW; at += 1) {
      const to = place * HOP + at;
      whole[to] = (whole[to] ?? 0) + (signal[frame * HOP + at] ?? 0) * (window[at] ?? 0);
    }
  });
  return whole;
}

function spectrum(signal: Float64Array): readonly Float64Array[] {
  const frames: Float64Array[] = [];
  for (let from = 0; from + WINDOW <= signal.length; from += HOP) {
    const power = powerAt(signal, { from, window, size: SIZE });
    frames.push(
      Float64Array.from({ length: BANDS }, (_, band) => {
        let sum = 0;
        for (let bin = edge(band, -1); bin < edge(band, 1); bin += 1) sum += power[bin] ?? 0;
        return Math.sqrt(sum);
      }),
    );
  }
  return frames;
}

/** By windowed sinc, 24 zero crossings to either side. */
function resampled(signal: Float64Array, fromHz: number): Float64Array {
  const kernelAt = kernelsOf(fromHz);
  return Float64Array.from(
    { length: Math.floor((signal.length * RATE_HZ) / fromHz) },
    (_, index) => {
      const rest = (index * fromHz) % RATE_HZ;
      const { first, weights } = kernelAt(rest);
      const start = (index * fromHz - rest) / RATE_HZ + first;
      let sum = 0;
      for (let at = 0; at < weights.length; at += 1)
        sum += (signal[start + at] ?? 0) * (weights[at] ?? 0);
      return sum;
    },
  );
}

interface Kernel {
  /** From the sample at or before the place. */
  readonly first: number;
  readonly weights: Float64Array;
}

/** Places between two samples are few, and come again and again. */
const kernels = new Map<string, Kernel>();

function kernelsOf(fromHz: number): (rest: number) => Kernel {
  const cut = Math.min(1, RATE_HZ / fromHz);
  const reach = 24 / cut;
  return (rest) => {
    const key = `${String(fromHz)} ${String(rest)}`;
    const known = kernels.get(key);
    if (known) return known;
    const place = rest / RATE_HZ;
    const first = Math.ceil(place - reach);
    const weights = Float64Array.from(
      { length: Math.floor(place + reach) - first + 1 },
      (_, at) => {
        const away = place - first - at;
        const phase = Math.PI * away * cut;
        const sinc = phase === 0 ? 1 : Math.sin(phase) / phase;
        return (0.5 + 0.5 * Math.cos((Math.PI * away) / reach)) * cut * sinc;
      },
    );
    const kernel = { first, weights };
    kernels.set(key, kernel);
    return kernel;
  };
}
