import type { VoiceCodecName, VoiceCodecs } from '../../media-node/src/ports/voice-codecs.ts';

/** 20 ms at a rate: a hum that every codec keeps. */
export const hum = (rateHz: number, turn: number): Int16Array =>
  Int16Array.from({ length: rateHz / 50 }, (_, at) => {
    const seconds = (turn * (rateHz / 50) + at) / rateHz;
    return (
      6000 * Math.sin(2 * Math.PI * 220 * seconds) + 3000 * Math.sin(2 * Math.PI * 880 * seconds)
    );
  });

export const rateOf = (codec: VoiceCodecName): number =>
  ['AMR-WB', 'G722', 'opus', 'EVS'].includes(codec) ? 16_000 : 8000;

/** Of EVS, 13.2 kbit/s of wideband: a mode of its own. */
const MODES: Partial<Record<VoiceCodecName, number>> = { EVS: 0x24 };

const ALL = ['opus', 'AMR-WB', 'AMR', 'G722', 'PCMU', 'PCMA'] as const;

/** What every `VoiceCodecs` does; the real ones and the stand-ins of the unit tests run it. */
export function describeVoiceCodecs(
  name: string,
  create: () => VoiceCodecs,
  codecs: readonly VoiceCodecName[] = ALL,
): void {
  const settings = (codec: VoiceCodecName) => ({
    ...{ codec, rateHz: rateOf(codec), withPauses: false },
    opus: { bitrate: 28_000, withRedundancy: true, isConstantRate: false, playbackRateHz: 48_000 },
  });

  describe(`MED-8: the ${name} voice codecs`, () => {
    it.each(codecs)('make frames of sound and sound of frames: %s', (codec) => {
      const codecs = create();
      const encoder = codecs.openEncoder(settings(codec));
      const decoder = codecs.openDecoder(codec, rateOf(codec));
      const pcm = new Int16Array(rateOf(codec) / 50);

      const decoded = Array.from({ length: 10 }, (_, turn) =>
        decoder.decode(encoder.encode(hum(rateOf(codec), turn), MODES[codec] ?? 2), pcm),
      );

      expect(new Set(decoded)).toEqual(new Set([pcm.length]));
      expect(Math.max(...pcm)).toBeGreaterThan(3000);
      encoder.close();
      decoder.close();
    });

    it.each(codecs)('fill the place of a lost frame: %s', (codec) => {
      const decoder = create().openDecoder(codec, rateOf(codec));
      const pcm = new Int16Array(rateOf(codec) / 50);

      expect(decoder.conceal(pcm)).toBe(pcm.length);
    });

    it('refuse a codec that they do not have', () => {
      const it = create();
      const absent = [...ALL, 'EVS' as const].filter((codec) => !it.available.has(codec));

      for (const codec of absent) {
        expect(() => it.openDecoder(codec, 16_000)).toThrow(RangeError);
        expect(() => it.openEncoder(settings(codec))).toThrow(RangeError);
      }
    });
  });
}
