import { createVoiceCodecs } from '../../../media-node/src/adapters/codecs/create-voice-codecs.ts';
import { copyBits } from '../../../media-node/src/core/voice/copy-bits.ts';
import type { VoiceCodecName } from '../../../media-node/src/ports/voice-codecs.ts';
import { seeded } from '../impairment.ts';

export type Change = (frame: Uint8Array) => Uint8Array;

const FRAMES_A_SECOND = 50;
/** 12.65 kbit/s of AMR-WB, 12.2 of AMR. */
const MODES: Partial<Record<VoiceCodecName, number>> = { 'AMR-WB': 2, AMR: 7 };
/** What says how a frame is to be read (RFC 4867 §5.3, RFC 6716 §3.1); the rest is the payload. */
const WITH_HEADER: readonly VoiceCodecName[] = ['AMR-WB', 'AMR', 'opus'];

interface Sound {
  readonly pcm: Int16Array;
  readonly rateHz: number;
}

/** Through a codec and back, whatever becomes of the frames between. */
export function throughCodec(
  codec: VoiceCodecName,
  { pcm, rateHz }: Sound,
  change: Change = (frame) => frame,
): Int16Array {
  const codecs = createVoiceCodecs();
  const encoder = codecs.openEncoder({ codec, rateHz, withPauses: false });
  const decoder = codecs.openDecoder(codec, rateHz);
  const samples = rateHz / FRAMES_A_SECOND;
  const heard = new Int16Array(pcm.length);
  for (let at = 0; at + samples <= pcm.length; at += samples) {
    const frame = encoder.encode(pcm.subarray(at, at + samples), MODES[codec] ?? 0).slice();
    const room = heard.subarray(at, at + samples);
    if (decoder.decode(change(frame), room) === 0) decoder.conceal(room);
  }
  return heard;
}

/** As a reader of the wrong framing would have it. */
export const shiftedByOneBit =
  (codec: VoiceCodecName): Change =>
  (frame) => {
    const header = WITH_HEADER.includes(codec) ? 1 : 0;
    const shifted = new Uint8Array(frame.length);
    shifted.set(frame.subarray(0, header));
    copyBits({
      ...{ from: frame, fromBit: header * 8 + 1, to: shifted, toBit: header * 8 },
      bits: Math.max(0, (frame.length - header) * 8 - 1),
    });
    return shifted;
  };

/** The frames of 20 ms, each with the next one in its place. */
export function swapped({ pcm, rateHz }: Sound): Int16Array {
  const samples = rateHz / FRAMES_A_SECOND;
  const other = pcm.slice();
  for (let at = 0; at + 2 * samples <= pcm.length; at += 2 * samples) {
    other.set(pcm.subarray(at + samples, at + 2 * samples), at);
    other.set(pcm.subarray(at, at + samples), at + samples);
  }
  return other;
}

/** As loud as that, and nothing else of it. */
export function noiseLike(pcm: Int16Array): Int16Array {
  const random = seeded(1);
  const power = pcm.reduce((sum, it) => sum + it * it, 0) / pcm.length;
  // Uniform noise of half-width w has the power w²/3.
  const halfWidth = Math.min(32_000, Math.sqrt(3 * power));
  return pcm.map(() => (2 * random() - 1) * halfWidth);
}
