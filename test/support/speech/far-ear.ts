import { payloadOf, readRtpHeader } from '../../../media-node/src/core/media/rtp-packet.ts';
import { ConcealingDecoder } from '../../../media-node/src/core/voice/concealing-decoder.ts';
import type { JitterCounts } from '../../../media-node/src/core/voice/jitter-buffer.ts';
import { SoundSource } from '../../../media-node/src/core/voice/sound-source.ts';
import { readVoicePayload } from '../../../media-node/src/core/voice/voice-frame.ts';
import type { VoiceLeg } from '../../../media-node/src/ports/transcoder.ts';
import type { VoiceCodecs } from '../../../media-node/src/ports/voice-codecs.ts';

/** Who listens at the other end of a leg: a jitter buffer and a decoder, as phones and browsers have them. */
export class FarEar {
  readonly #leg: VoiceLeg;
  readonly #source: SoundSource;

  constructor(leg: VoiceLeg, codecs: VoiceCodecs, rateHz: number) {
    this.#leg = leg;
    const decoder = new ConcealingDecoder(leg.codec, codecs.openDecoder(leg.codec, rateHz));
    this.#source = new SoundSource(leg, decoder, rateHz);
  }

  get counts(): JitterCounts {
    return this.#source.counts;
  }

  take(packet: Uint8Array, atMs: number): void {
    const header = readRtpHeader(packet);
    const payload = header && payloadOf(packet, header);
    const read = payload && readVoicePayload(this.#leg, payload);
    if (header && read) this.#source.push(header, read, atMs);
  }

  /** The next 20 ms. */
  hear(pcm: Int16Array, nowMs: number): void {
    if (!this.#source.pull(pcm, nowMs)) pcm.fill(0);
  }
}
