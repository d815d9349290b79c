/** Tables and names of ITU-T G.722: one of its two adaptive predictors, with its quantizer's scale. */
const saturated = (value: number): number =>
  value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value;

/** 2048·2^(i/32): the table ILB of clause 6.2.1.3. */
const SCALE = Int16Array.from({ length: 32 }, (_, step) => Math.round(2048 * 2 ** (step / 32)));
const ZEROS = 6;

export interface G722BandOptions {
  readonly firstScale: number;
  readonly maxLogScale: number;
  /** Of the exponent of the scale: 8 in the lower band, 10 in the higher. */
  readonly shift: number;
}

/** Mutable on purpose: it runs 16 000 times a second a call. */
export class G722Band {
  readonly #maxLogScale: number;
  readonly #shift: number;
  /** Scale of the quantizer (DETL, DETH). */
  scale: number;
  /** What the predictor expects next (SL, SH). */
  estimate = 0;
  #logScale = 0;
  #zeroEstimate = 0;
  #r1 = 0;
  #a1 = 0;
  #a2 = 0;
  #p1 = 0;
  #p2 = 0;
  readonly #b = new Int32Array(ZEROS);
  readonly #d = new Int32Array(ZEROS);

  constructor({ firstScale, maxLogScale, shift }: G722BandOptions) {
    this.scale = firstScale;
    this.#maxLogScale = maxLogScale;
    this.#shift = shift;
  }

  /** Difference of the input from what was expected. */
  difference(input: number): number {
    return saturated(input - this.estimate);
  }

  /** LOGSCL and SCALEL, and those of the higher band. */
  adaptScale(weight: number): void {
    const next = ((this.#logScale * 127) >> 7) + weight;
    this.#logScale = next < 0 ? 0 : Math.min(next, this.#maxLogScale);
    const mantissa = SCALE[(this.#logScale >> 6) & 31] ?? 0;
    const exponent = this.#shift - (this.#logScale >> 11);
    this.scale = (exponent < 0 ? mantissa << -exponent : mantissa >> exponent) << 2;
  }

  /** Block 4: takes the quantized difference, and expects anew. */
  predict(d: number): void {
    const r = saturated(this.estimate + d);
    const p = saturated(this.#zeroEstimate + d);
    this.#adaptPoles(p);
    const poles = saturated(
      ((this.#a1 * saturated(r + r)) >> 15) + ((this.#a2 * saturated(this.#r1 + this.#r1)) >> 15),
    );
    this.#r1 = r;
    this.#zeroEstimate = this.#adaptZeros(d);
    this.estimate = saturated(poles + this.#zeroEstimate);
  }

  /** UPPOL2, then UPPOL1. */
  #adaptPoles(p: number): void {
    const isLike1 = (p ^ this.#p1) >= 0;
    const isLike2 = (p ^ this.#p2) >= 0;
    const a1x4 = saturated(this.#a1 << 2);
    const slope = isLike1 ? Math.min(32_767, -a1x4) : a1x4;
    const a2 = (isLike2 ? 128 : -128) + (slope >> 7) + ((this.#a2 * 32_512) >> 15);
    this.#a2 = a2 > 12_288 ? 12_288 : a2 < -12_288 ? -12_288 : a2;
    const a1 = saturated((isLike1 ? 192 : -192) + ((this.#a1 * 32_640) >> 15));
    const limit = 15_360 - this.#a2;
    this.#a1 = a1 > limit ? limit : a1 < -limit ? -limit : a1;
    this.#p2 = this.#p1;
    this.#p1 = p;
  }

  /** UPZERO, DELAYA and FILTEZ in one pass, oldest first. */
  #adaptZeros(d: number): number {
    const [b, past] = [this.#b, this.#d];
    const step = d === 0 ? 0 : 128;
    let sum = 0;
    for (let at = ZEROS - 1; at >= 0; at -= 1) {
      const before = past[at] ?? 0;
      const isLike = (before ^ d) >= 0;
      const next = saturated((isLike ? step : -step) + (((b[at] ?? 0) * 32_640) >> 15));
      b[at] = next;
      const newer = at === 0 ? d : (past[at - 1] ?? 0);
      sum += (next * saturated(newer + newer)) >> 15;
      past[at] = newer;
    }
    return saturated(sum);
  }
}
