import { amrTable, NO_DATA, tocOctet } from '../../core/voice/amr-frame.ts';
import { EVS_LOST } from '../../core/voice/evs-frame.ts';
import { amrBandOf } from '../../core/voice/voice-frame.ts';
import type { EncoderSettings, VoiceDecoder, VoiceEncoder } from '../../ports/voice-codecs.ts';
import type { NativeAddon, NativeCodec } from './native-addon.ts';

/** The longest frame of Opus (RFC 6716 §3.4); AMR's are shorter. */
const MAX_FRAME_OCTETS = 1275;
const REPAIR = 1;
const PLAIN = 0;
/** Of 0 to 10: 5 encodes 46 calls a core, 10 encodes 32, and speech at 28 kbit/s hardly gains. */
const OPUS_COMPLEXITY = 5;
/** How much redundancy the encoder puts in: as if this much were lost. */
const EXPECTED_LOSS_PERCENT = 10;
const NOTHING = new Uint8Array(0);
const NO_DATA_FRAME = Uint8Array.of(tocOctet(NO_DATA, true));
const EVS_LOST_FRAME = Uint8Array.of(EVS_LOST);

const nothing = (): void => undefined;
const flag = (isSet: boolean): number => (isSet ? 1 : 0);

function encoderOf(addon: NativeAddon, codec: NativeCodec): VoiceEncoder {
  const frame = new Uint8Array(MAX_FRAME_OCTETS);
  return {
    encode(pcm, mode) {
      const octets = addon.encode(codec, pcm, frame, mode);
      return octets > 0 ? frame.subarray(0, octets) : NOTHING;
    },
    close: nothing,
  };
}

export function openNativeEncoder(
  addon: NativeAddon,
  settings: EncoderSettings,
  complexity = OPUS_COMPLEXITY,
): VoiceEncoder {
  const { codec, rateHz, withPauses, opus } = settings;
  const band = amrBandOf(codec);
  if (band) {
    return encoderOf(addon, addon.openAmrEncoder(flag(band === 'wide'), flag(withPauses)));
  }
  const encoder = addon.openOpusEncoder(
    rateHz,
    opus?.bitrate ?? rateHz * 2,
    complexity,
    flag(opus?.withRedundancy ?? true),
    flag(withPauses),
    flag(opus?.isConstantRate ?? false),
    opus?.playbackRateHz ?? rateHz,
    EXPECTED_LOSS_PERCENT,
  );
  return encoderOf(addon, encoder);
}

export function openOpusDecoder(addon: NativeAddon, rateHz: number): VoiceDecoder {
  const codec = addon.openOpusDecoder(rateHz);
  const samples = (frame: Uint8Array, pcm: Int16Array, how: number): number =>
    Math.max(0, addon.decode(codec, frame, pcm, how));
  return {
    decode: (frame, pcm) => (frame.length > 0 ? samples(frame, pcm, PLAIN) : 0),
    conceal(pcm, following) {
      // A packet without redundancy conceals by itself; one that is no packet is not asked again.
      const repaired = following?.length ? samples(following, pcm, REPAIR) : 0;
      return repaired > 0 ? repaired : samples(NOTHING, pcm, PLAIN);
    },
    close: nothing,
  };
}

/** Decoders that write a frame's worth, also where less is wanted. */
function wholeFrames(addon: NativeAddon, codec: NativeCodec, frameSamples: number) {
  const room = new Int16Array(frameSamples);
  return (frame: Uint8Array, pcm: Int16Array, how: number): number => {
    if (addon.decode(codec, frame, room, how) <= 0) return 0;
    const samples = Math.min(frameSamples, pcm.length);
    pcm.set(room.subarray(0, samples));
    return samples;
  };
}

export function openAmrDecoder(addon: NativeAddon, codecName: 'AMR' | 'AMR-WB'): VoiceDecoder {
  const isWide = codecName === 'AMR-WB';
  const codec = addon.openAmrDecoder(flag(isWide));
  const frameSamples = amrTable(isWide ? 'wide' : 'narrow').clockRateHz / 50;
  const decoded = wholeFrames(addon, codec, frameSamples);
  return {
    decode: (frame, pcm) => (frame.length > 0 ? decoded(frame, pcm, PLAIN) : 0),
    conceal: (pcm) => decoded(NO_DATA_FRAME, pcm, REPAIR),
    close: nothing,
  };
}

export const openEvsEncoder = (
  addon: NativeAddon,
  library: number,
  { rateHz, withPauses }: EncoderSettings,
): VoiceEncoder => encoderOf(addon, addon.openEvsEncoder(library, rateHz, flag(withPauses)));

export function openEvsDecoder(addon: NativeAddon, library: number, rateHz: number): VoiceDecoder {
  const codec = addon.openEvsDecoder(library, rateHz);
  const decoded = wholeFrames(addon, codec, rateHz / 50);
  return {
    decode: (frame, pcm) => decoded(frame, pcm, PLAIN),
    conceal: (pcm) => decoded(EVS_LOST_FRAME, pcm, REPAIR),
    close: nothing,
  };
}
