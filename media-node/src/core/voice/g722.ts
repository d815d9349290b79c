import { G722Band } from './g722-band.ts';

/**
 * ITU-T G.722 at 64 kbit/s, 16 kHz: two bands, each its own ADPCM. Two samples make one octet, and
 * RTP's clock counts octets (RFC 3551 §4.5.2).
 */
const INVERSE_2 = [-7408, -1616, 7408, 1616];
const INVERSE_4 = Int16Array.of(
  ...[0, -20_456, -12_896, -8968, -6288, -4240, -2584, -1200],
  ...[20_456, 12_896, 8968, 6288, 4240, 2584, 1200, 0],
);
/** Magnitudes of the six-bit quantizer, by falling size; the sign is in the code. */
const MAGNITUDES_6 = [
  24_808, 21_904, 19_008, 16_704, 14_984, 13_512, 12_280, 11_192, 10_232, 9360, 8576, 7856, 7192,
  6576, 6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728,
];
const INVERSE_6 = Int16Array.of(
  ...[-136, -136, -136, -136],
  ...MAGNITUDES_6.map((it) => -it),
  ...MAGNITUDES_6,
  ...[432, 136, -432, -136],
);
/** Decision levels Q6. */
const LEVELS = Int16Array.of(
  ...[0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940],
  ...[1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919],
);
const LOW_WEIGHTS = [-60, -30, 58, 172, 334, 538, 1198, 3042];
/** Which weight a four-bit code has (RL42). */
const LOW_WEIGHT_OF = [0, 7, 6, 5, 4, 3, 2, 1, 7, 6, 5, 4, 3, 2, 1, 0];
const LOW_WEIGHT = Int16Array.from(LOW_WEIGHT_OF, (index) => LOW_WEIGHTS[index] ?? 0);
const HIGH_WEIGHT = [798, -214, 798, -214];
/** Every second coefficient of the 24-tap mirror filter; backwards they are the others. */
const FILTER = Int16Array.of(3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11);
const TAPS = 12;

const newLow = () => new G722Band({ firstScale: 32, maxLogScale: 18_432, shift: 8 });
const newHigh = () => new G722Band({ firstScale: 8, maxLogScale: 22_528, shift: 10 });

const limited = (value: number, bound: number): number =>
  value > bound ? bound : value < -bound - 1 ? -bound - 1 : value;

/** The last twelve of a stream, twice over, so that any twelve of them lie in one piece. */
class History {
  readonly samples = new Int32Array(TAPS * 2);
  at = 0;

  push(sample: number): void {
    this.samples[this.at] = sample;
    this.samples[this.at + TAPS] = sample;
    this.at = this.at === TAPS - 1 ? 0 : this.at + 1;
  }

  forward(): number {
    let sum = 0;
    for (let tap = 0; tap < TAPS; tap += 1) {
      sum += (this.samples[this.at + tap] ?? 0) * (FILTER[tap] ?? 0);
    }
    return sum;
  }

  backward(): number {
    let sum = 0;
    for (let tap = 0; tap < TAPS; tap += 1) {
      sum += (this.samples[this.at + tap] ?? 0) * (FILTER[TAPS - 1 - tap] ?? 0);
    }
    return sum;
  }
}

/** What both sides do with a code; the decoder keeps in step with the encoder by it. */
function followLow(band: G722Band, code: number): void {
  const short = code >> 2;
  const d = (band.scale * (INVERSE_4[short] ?? 0)) >> 15;
  band.adaptScale(LOW_WEIGHT[short] ?? 0);
  band.predict(d);
}

function followHigh(band: G722Band, code: number): void {
  const d = (band.scale * (INVERSE_2[code] ?? 0)) >> 15;
  band.adaptScale(HIGH_WEIGHT[code] ?? 0);
  band.predict(d);
}

/** QUANTL. */
function lowCode(band: G722Band, input: number): number {
  const difference = band.difference(input);
  const magnitude = difference >= 0 ? difference : ~difference;
  let level = 1;
  while (level < 30 && magnitude >= ((LEVELS[level] ?? 0) * band.scale) >> 12) level += 1;
  if (difference >= 0) return 62 - level;
  return level < 3 ? 64 - level : 34 - level;
}

/** QUANTH. */
function highCode(band: G722Band, input: number): number {
  const difference = band.difference(input);
  const magnitude = difference >= 0 ? difference : ~difference;
  const isLarge = magnitude >= (564 * band.scale) >> 12;
  if (difference < 0) return isLarge ? 0 : 1;
  return isLarge ? 2 : 3;
}

export class G722Encoder {
  readonly #low = newLow();
  readonly #high = newHigh();
  readonly #odd = new History();
  readonly #even = new History();

  encode(pcm: Int16Array, frame: Uint8Array): number {
    const octets = Math.min(frame.length, pcm.length >> 1);
    for (let at = 0; at < octets; at += 1) {
      this.#odd.push(pcm[2 * at] ?? 0);
      this.#even.push(pcm[2 * at + 1] ?? 0);
      const [odd, even] = [this.#odd.forward(), this.#even.backward()];
      const low = lowCode(this.#low, (even + odd) >> 14);
      followLow(this.#low, low);
      const high = highCode(this.#high, (even - odd) >> 14);
      followHigh(this.#high, high);
      frame[at] = (high << 6) | low;
    }
    return octets;
  }
}

export class G722Decoder {
  readonly #low = newLow();
  readonly #high = newHigh();
  readonly #sum = new History();
  readonly #difference = new History();

  decode(frame: Uint8Array, pcm: Int16Array): number {
    const octets = Math.min(frame.length, pcm.length >> 1);
    for (let at = 0; at < octets; at += 1) {
      const code = frame[at] ?? 0;
      const low = this.#lowSample(code & 0x3f);
      const high = this.#highSample(code >> 6);
      this.#sum.push(limited(low + high, 32_767));
      this.#difference.push(limited(low - high, 32_767));
      pcm[2 * at] = limited(this.#difference.backward() >> 11, 32_767);
      pcm[2 * at + 1] = limited(this.#sum.forward() >> 11, 32_767);
    }
    return octets * 2;
  }

  #lowSample(code: number): number {
    const band = this.#low;
    const sample = band.estimate + ((band.scale * (INVERSE_6[code] ?? 0)) >> 15);
    followLow(band, code);
    return limited(sample, 16_383);
  }

  #highSample(code: number): number {
    const band = this.#high;
    const sample = band.estimate + ((band.scale * (INVERSE_2[code] ?? 0)) >> 15);
    followHigh(band, code);
    return limited(sample, 16_383);
  }
}
