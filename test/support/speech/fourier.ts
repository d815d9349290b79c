/** Cosine and sine of every part of a turn, by the length of the transform. */
const turns = new Map<number, { readonly cos: Float64Array; readonly sin: Float64Array }>();

function turnsOf(size: number) {
  const known = turns.get(size);
  if (known) return known;
  const angles = Float64Array.from({ length: size / 2 }, (_, at) => (-2 * Math.PI * at) / size);
  const made = { cos: angles.map(Math.cos), sin: angles.map(Math.sin) };
  turns.set(size, made);
  return made;
}

/** In place; the length is a power of two. */
export function transform(re: Float64Array, im: Float64Array): void {
  reorder(re, im);
  const size = re.length;
  const { cos, sin } = turnsOf(size);
  for (let span = 2; span <= size; span *= 2) {
    const half = span / 2;
    const stride = size / span;
    for (let start = 0; start < size; start += span) {
      for (let bin = 0; bin < half; bin += 1) {
        const at = start + bin;
        const other = at + half;
        const c = cos[bin * stride] as number;
        const s = sin[bin * stride] as number;
        const x = re[other] as number;
        const y = im[other] as number;
        const turnedRe = x * c - y * s;
        const turnedIm = x * s + y * c;
        re[other] = (re[at] as number) - turnedRe;
        im[other] = (im[at] as number) - turnedIm;
        re[at] = (re[at] as number) + turnedRe;
        im[at] = (im[at] as number) + turnedIm;
      }
    }
  }
}

function reorder(re: Float64Array, im: Float64Array): void {
  const size = re.length;
  for (let at = 1, mirror = 0; at < size; at += 1) {
    let bit = size >> 1;
    for (; mirror & bit; bit >>= 1) mirror ^= bit;
    mirror ^= bit;
    if (at < mirror) {
      [re[at], re[mirror]] = [re[mirror] ?? 0, re[at] ?? 0];
      [im[at], im[mirror]] = [im[mirror] ?? 0, im[at] ?? 0];
    }
  }
}

/** Power of each bin of a window of a signal. */
export function powerAt(
  signal: Float64Array,
  {
    from,
    window,
    size,
  }: { readonly from: number; readonly window: Float64Array; readonly size: number },
): Float64Array {
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  for (let at = 0; at < window.length; at += 1)
    re[at] = (signal[from + at] ?? 0) * (window[at] ?? 0);
  transform(re, im);
  return re.map((value, bin) => value * value + (im[bin] ?? 0) ** 2);
}

export const hann = (size: number): Float64Array =>
  Float64Array.from(
    { length: size },
    (_, at) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (at + 1)) / (size + 1)),
  );
