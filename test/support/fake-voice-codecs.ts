import { createVoiceCodecs } from '../../media-node/src/adapters/codecs/create-voice-codecs.ts';
import { amrBits, amrTable, NO_DATA, tocOctet } from '../../media-node/src/core/voice/amr-frame.ts';
import { EVS_NO_DATA, evsOctets } from '../../media-node/src/core/voice/evs-frame.ts';
import { amrBandOf } from '../../media-node/src/core/voice/voice-frame.ts';
import type {
  EncoderSettings,
  VoiceCodecName,
  VoiceCodecs,
  VoiceDecoder,
  VoiceEncoder,
} from '../../media-node/src/ports/voice-codecs.ts';

/** The codecs of our own, and stand-ins for the others that keep a frame's level and nothing else. */
export class FakeVoiceCodecs implements VoiceCodecs {
  readonly available: Set<VoiceCodecName>;
  readonly missing = new Map<VoiceCodecName, string>();
  readonly encoders: EncoderSettings[] = [];
  /** Of AMR and EVS, in the order of their frames. */
  readonly modes: number[] = [];
  readonly concealed: (Uint8Array | undefined)[] = [];
  readonly decoded: Uint8Array[] = [];
  isOpenCount = 0;
  readonly #own = createVoiceCodecs({ ok: false, reason: 'not wanted here' });

  constructor(more: readonly VoiceCodecName[] = []) {
    this.available = new Set(['opus', 'AMR-WB', 'AMR', 'G722', 'PCMU', 'PCMA', ...more]);
  }

  openEncoder(settings: EncoderSettings): VoiceEncoder {
    this.#mustHave(settings.codec);
    this.encoders.push(settings);
    this.isOpenCount += 1;
    const close = (): void => {
      this.isOpenCount -= 1;
    };
    const { codec } = settings;
    if (this.#own.available.has(codec)) return { ...this.#own.openEncoder(settings), close };
    if (codec === 'EVS')
      return { encode: (pcm, mode) => this.#evsFrame(pcm, mode, settings), close };
    const band = amrBandOf(codec);
    if (!band) return { encode: (pcm) => Uint8Array.of(9 << 3, 0, levelByte(pcm)), close };
    return {
      encode: (pcm, mode) => {
        this.modes.push(mode);
        if (settings.withPauses && levelByte(pcm) === 0)
          return Uint8Array.of(tocOctet(NO_DATA, true));
        const frame = new Uint8Array(1 + Math.ceil((amrBits(band, mode) ?? 0) / 8));
        frame[0] = tocOctet(mode, true);
        frame[1] = levelByte(pcm);
        return frame;
      },
      close,
    };
  }

  #evsFrame(pcm: Int16Array, mode: number, { withPauses }: EncoderSettings): Uint8Array {
    this.modes.push(mode);
    const isPause = withPauses && levelByte(pcm) === 0;
    const type = isPause ? EVS_NO_DATA : mode & 0x0f;
    const frame = new Uint8Array(1 + (evsOctets(type) ?? 0));
    frame.set(isPause ? [type] : [type, 0, levelByte(pcm)]);
    return frame;
  }

  #mustHave(codec: VoiceCodecName): void {
    if (!this.available.has(codec)) throw new RangeError(`no codec ${codec}`);
  }

  openDecoder(codec: VoiceCodecName, rateHz: number): VoiceDecoder {
    this.#mustHave(codec);
    this.isOpenCount += 1;
    const close = (): void => {
      this.isOpenCount -= 1;
    };
    if (this.#own.available.has(codec)) return { ...this.#own.openDecoder(codec, rateHz), close };
    const band = amrBandOf(codec);
    const samples = band ? amrTable(band).clockRateHz / 50 : rateHz / 50;
    return {
      decode: (frame, pcm) => {
        this.decoded.push(frame.slice());
        const level = band ? (frame[1] ?? 0) : (frame[2] ?? 0);
        pcm.subarray(0, samples).fill(level * 128);
        return Math.min(samples, pcm.length);
      },
      conceal: (pcm, following) => {
        this.concealed.push(following);
        return pcm.fill(1).length;
      },
      close,
    };
  }
}

const levelByte = (pcm: Int16Array): number =>
  Math.min(255, Math.round(pcm.reduce((most, it) => Math.max(most, Math.abs(it)), 0) / 128));
