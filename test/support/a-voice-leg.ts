import type { VoiceLeg } from '../../media-node/src/ports/transcoder.ts';

type Legs = Readonly<
  Record<'opus' | 'AMR-WB' | 'AMR' | 'G722' | 'PCMU' | 'PCMA' | 'EVS', VoiceLeg>
>;

const leg = (codec: VoiceLeg['codec'], clockRateHz: number, payloadType: number): VoiceLeg => ({
  codec,
  clockRateHz,
  arriving: payloadType,
  leaving: payloadType,
  framesPerPacket: 1,
});

/** One leg of each codec, as a first offer would have it. */
export const LEGS: Legs = {
  opus: { ...leg('opus', 48_000, 111), leavingFormat: 'minptime=10;useinbandfec=1' },
  'AMR-WB': leg('AMR-WB', 16_000, 104),
  AMR: leg('AMR', 8000, 106),
  G722: leg('G722', 8000, 9),
  PCMU: leg('PCMU', 8000, 0),
  PCMA: leg('PCMA', 8000, 8),
  EVS: leg('EVS', 16_000, 108),
};

export const planOf = (ims: VoiceLeg, browser: VoiceLeg = LEGS.opus) => ({
  browser,
  ims,
  rateHz: ['AMR-WB', 'G722', 'EVS'].includes(ims.codec) ? 16_000 : 8000,
});
