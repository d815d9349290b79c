import type { VoiceLeg } from '../../ports/transcoder.ts';
import type { VoiceCodecName } from '../../ports/voice-codecs.ts';
import { type AmrBand, type AmrFrame, amrTable, isSpeech, NO_DATA } from './amr-frame.ts';
import { NO_REQUEST, readAmrPayload } from './amr-payload.ts';
import { readNoiseLevel } from './comfort-noise.ts';
import { isHeaderFullOnly } from './evs-format.ts';
import { EVS_CLOCK_HZ, EVS_LOST, isEvsPause } from './evs-frame.ts';
import { readEvsPayload } from './evs-payload.ts';
import { isOctetAligned } from './format-parameters.ts';
import type { HeldFrame } from './jitter-buffer.ts';
import { isOpusPause, opusTicks } from './opus-packet.ts';

export type VoiceFrame =
  | { readonly kind: 'coded'; readonly octets: Uint8Array; readonly isGood: boolean }
  | { readonly kind: 'noise'; readonly levelDb: number };

export interface VoicePayload {
  readonly frames: readonly HeldFrame<VoiceFrame>[];
  /** The mode of AMR or EVS that is asked for; of a codec's own value: none. */
  readonly modeRequest: number;
}

export function amrBandOf(codec: VoiceCodecName): AmrBand | undefined {
  if (codec === 'AMR-WB') return 'wide';
  return codec === 'AMR' ? 'narrow' : undefined;
}

/** 200 ms: what says that it is longer is no voice. */
const MAX_PCM_OCTETS = 1600;

/** `undefined` for a payload that this codec cannot have made. */
export function readVoicePayload(leg: VoiceLeg, payload: Uint8Array): VoicePayload | undefined {
  const band = amrBandOf(leg.codec);
  if (band) return readAmr(leg, band, payload);
  if (leg.codec === 'opus') return readOpus(payload);
  if (leg.codec === 'EVS') return readEvs(leg, payload);
  if (payload.length === 0 || payload.length > MAX_PCM_OCTETS) return undefined;
  // G.711 and G.722 alike: one tick an octet (RFC 3551 §4.5.2).
  return one({ ticks: payload.length, isPause: false, frame: coded(payload) });
}

const coded = (octets: Uint8Array, isGood = true): VoiceFrame => ({
  kind: 'coded',
  octets: octets.slice(),
  isGood,
});

const one = (frame: HeldFrame<VoiceFrame>): VoicePayload => ({
  frames: [frame],
  modeRequest: NO_REQUEST,
});

function readOpus(payload: Uint8Array): VoicePayload | undefined {
  const ticks = opusTicks(payload);
  if (ticks === undefined) return undefined;
  return one({ ticks, isPause: isOpusPause(payload), frame: coded(payload) });
}

function readAmr(leg: VoiceLeg, band: AmrBand, payload: Uint8Array): VoicePayload | undefined {
  const octetAligned = isOctetAligned(leg.arrivingFormat);
  const read = readAmrPayload({ band, octetAligned }, payload);
  if (!read) return undefined;
  const ticks = amrTable(band).clockRateHz / 50;
  const frames = read.frames.map((frame: AmrFrame) => ({
    ticks,
    isPause:
      !isSpeech(band, frame.frameType) && (isSid(band, frame) || frame.frameType === NO_DATA),
    frame: { kind: 'coded', octets: frame.octets, isGood: frame.isGood } as const,
  }));
  return { frames, modeRequest: read.modeRequest };
}

function readEvs(leg: VoiceLeg, payload: Uint8Array): VoicePayload | undefined {
  const headerFullOnly = isHeaderFullOnly(leg.arrivingFormat, leg.leavingFormat);
  const read = readEvsPayload({ headerFullOnly }, payload);
  if (!read) return undefined;
  const frames = read.frames.map(({ frameType, octets }) => ({
    ticks: EVS_CLOCK_HZ / 50,
    isPause: isEvsPause(frameType),
    frame: { kind: 'coded', octets, isGood: frameType !== EVS_LOST } as const,
  }));
  return { frames, modeRequest: read.modeRequest };
}

const isSid = (band: AmrBand, { frameType }: AmrFrame): boolean => frameType === amrTable(band).sid;

/** RFC 3389: the sender pauses, and tells how loud its silence is. */
export function readNoisePayload(leg: VoiceLeg, payload: Uint8Array): VoicePayload | undefined {
  const levelDb = readNoiseLevel(payload);
  if (levelDb === undefined) return undefined;
  const ticks = leg.clockRateHz / 50;
  return one({ ticks, isPause: true, frame: { kind: 'noise', levelDb } });
}
