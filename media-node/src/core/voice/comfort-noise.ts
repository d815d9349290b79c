/** RFC 3389 §3: the level below overload in dB, then reflection coefficients, which we do not use. */
export function readNoiseLevel(payload: Uint8Array): number | undefined {
  const [level] = payload;
  return level === undefined || level > 127 ? undefined : level;
}

export const writeNoiseLevel = (levelDb: number): Uint8Array =>
  Uint8Array.of(Math.min(127, Math.max(0, Math.round(levelDb))));

/** Of a sine at overload; 0 dBov is its power (RFC 3389 §3.1). */
const OVERLOAD = 32_767 ** 2 / 2;

export function levelOf(pcm: Int16Array): number {
  let sum = 0;
  for (const sample of pcm) sum += sample * sample;
  const power = sum / Math.max(1, pcm.length);
  return power < 1 ? 127 : Math.min(127, Math.max(0, -10 * Math.log10(power / OVERLOAD)));
}

/**
 * White noise of a level. The sequence is a fixed one: noise has no secret, and the core has no
 * randomness.
 */
export class NoiseSource {
  #state = 0x2545_f491;

  fill(pcm: Int16Array, levelDb: number): void {
    const root = Math.sqrt(OVERLOAD * 10 ** (-levelDb / 10));
    // Uniform noise of half-width w has the power w²/3.
    const halfWidth = root * Math.sqrt(3);
    for (let at = 0; at < pcm.length; at += 1) pcm[at] = halfWidth * this.#next();
  }

  /** xorshift32, as a number from -1 to 1. */
  #next(): number {
    let it = this.#state;
    it ^= it << 13;
    it ^= it >>> 17;
    it ^= it << 5;
    this.#state = it;
    return it / 0x8000_0000;
  }
}
