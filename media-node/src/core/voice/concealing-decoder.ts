import type { VoiceCodecName, VoiceDecoder } from '../../ports/voice-codecs.ts';
import { type AmrBand, isSpeech, NO_DATA, tocOctet } from './amr-frame.ts';
import { NoiseSource } from './comfort-noise.ts';
import { EVS_NO_DATA } from './evs-frame.ts';
import { amrBandOf, type VoiceFrame } from './voice-frame.ts';

/** Half of the frame before, then half of that: −6 dB a frame is heard as less than a gap. */
const FADE = 0.5;
/**
 * Measured to be best: of wideband the decoder mutes hard, and of narrowband it repeats the frame itself,
 * and better (3GPP TS 26.091 §6).
 */
const REPEATS: Readonly<Record<AmrBand, number>> = { narrow: 0, wide: 2 };
const NO_DATA_FRAME = Uint8Array.of(tocOctet(NO_DATA, true));
const EVS_NO_DATA_FRAME = Uint8Array.of(EVS_NO_DATA);
/** Where nobody has said how loud silence is. */
const FAINT_DB = 75;

/** A decoder, with what is heard where there is nothing to decode. */
export class ConcealingDecoder {
  readonly #decoder: VoiceDecoder;
  readonly #codec: VoiceCodecName;
  readonly #noise = new NoiseSource();
  #noiseDb = FAINT_DB;
  #lastGood: Uint8Array | undefined;
  #lastSound: Int16Array = new Int16Array(0);
  #concealed = 0;

  constructor(codec: VoiceCodecName, decoder: VoiceDecoder) {
    this.#codec = codec;
    this.#decoder = decoder;
  }

  /** Samples written, never more than fit; `frameSamples` where the frame has no length of its own. */
  play(frame: VoiceFrame, pcm: Int16Array, frameSamples: number): number {
    if (frame.kind === 'noise') {
      this.#noiseDb = frame.levelDb;
      return this.comfort(pcm.subarray(0, frameSamples));
    }
    const samples = frame.isGood ? this.#decoder.decode(frame.octets, pcm) : 0;
    if (samples === 0) return this.conceal(pcm.subarray(0, frameSamples));
    this.#concealed = 0;
    this.#lastGood = this.#isRepeatable(frame.octets) ? frame.octets : undefined;
    this.#remember(pcm.subarray(0, samples));
    return samples;
  }

  /** Fills `pcm`. */
  conceal(pcm: Int16Array, following?: VoiceFrame): number {
    this.#concealed += 1;
    if (this.#codec === 'opus') {
      const next = following?.kind === 'coded' ? following.octets : undefined;
      return this.#decoder.conceal(pcm, next);
    }
    const band = amrBandOf(this.#codec);
    if (band) return this.#concealAmr(pcm, band);
    if (this.#codec === 'EVS') return this.#decoder.conceal(pcm);
    return this.#fade(pcm);
  }

  /** The last good frame again, then what the decoder makes of its absence. */
  #concealAmr(pcm: Int16Array, band: AmrBand): number {
    const again = this.#concealed <= REPEATS[band] ? this.#lastGood : undefined;
    const samples = again ? this.#decoder.decode(again, pcm) : 0;
    return samples > 0 ? samples : this.#decoder.conceal(pcm);
  }

  /** While the sender pauses. */
  comfort(pcm: Int16Array): number {
    this.#concealed = 0;
    if (amrBandOf(this.#codec)) return this.#decoder.decode(NO_DATA_FRAME, pcm);
    if (this.#codec === 'EVS') return this.#decoder.decode(EVS_NO_DATA_FRAME, pcm);
    if (this.#codec === 'opus') return this.#decoder.conceal(pcm);
    this.#noise.fill(pcm, this.#noiseDb);
    return pcm.length;
  }

  close(): void {
    this.#decoder.close();
  }

  #isRepeatable(octets: Uint8Array): boolean {
    const band = amrBandOf(this.#codec);
    return band !== undefined && isSpeech(band, ((octets[0] ?? 0) >> 3) & 0x0f);
  }

  #remember(pcm: Int16Array): void {
    if (this.#lastSound.length !== pcm.length) this.#lastSound = new Int16Array(pcm.length);
    this.#lastSound.set(pcm);
  }

  #fade(pcm: Int16Array): number {
    const past = this.#lastSound;
    for (let at = 0; at < past.length; at += 1) past[at] = (past[at] ?? 0) * FADE;
    for (let at = 0; at < pcm.length; at += 1) pcm[at] = past[at % past.length] ?? 0;
    return pcm.length;
  }
}
