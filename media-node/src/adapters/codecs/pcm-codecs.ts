import { decodeG711, encodeG711, type G711Law } from '../../core/voice/g711.ts';
import { G722Decoder, G722Encoder } from '../../core/voice/g722.ts';
import type { VoiceDecoder, VoiceEncoder } from '../../ports/voice-codecs.ts';

/** 200 ms of G.722, as much as a payload may be. */
const MAX_OCTETS = 1600;
const nothing = (): void => undefined;
/** Concealment of these is the core's: they have none of their own. */
const silence = (pcm: Int16Array): number => pcm.fill(0).length;

export function newG711Encoder(law: G711Law): VoiceEncoder {
  const frame = new Uint8Array(MAX_OCTETS);
  return { encode: (pcm) => frame.subarray(0, encodeG711(law, pcm, frame)), close: nothing };
}

export const newG711Decoder = (law: G711Law): VoiceDecoder => ({
  decode: (frame, pcm) => decodeG711(law, frame, pcm),
  conceal: silence,
  close: nothing,
});

export function newG722Encoder(): VoiceEncoder {
  const frame = new Uint8Array(MAX_OCTETS);
  const encoder = new G722Encoder();
  return { encode: (pcm) => frame.subarray(0, encoder.encode(pcm, frame)), close: nothing };
}

export function newG722Decoder(): VoiceDecoder {
  const decoder = new G722Decoder();
  return { decode: (frame, pcm) => decoder.decode(frame, pcm), conceal: silence, close: nothing };
}
