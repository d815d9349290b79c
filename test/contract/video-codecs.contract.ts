import { UNIT, unitsIn, unitType } from '../../media-node/src/core/video/h264-units.ts';
import { isVp8Key } from '../../media-node/src/core/video/vp8-payload.ts';
import type {
  PictureSize,
  VideoCodecName,
  VideoCodecs,
} from '../../media-node/src/ports/video-codecs.ts';

export interface VideoCodecsUnderTest {
  readonly create: () => VideoCodecs;
  /** Pictures of that size as a stranger sends them; the first is whole, the others are not. */
  readonly sample: (codec: VideoCodecName, size: PictureSize) => readonly Uint8Array[];
}

const SIZE = { width: 320, height: 240 };
const SMALLER = { width: 160, height: 120 };
const NOTHING = new Uint8Array();

export const isKey = (codec: VideoCodecName, frame: Uint8Array): boolean =>
  codec === 'VP8' ? isVp8Key(frame) : unitsIn(frame).some((it) => unitType(it) === UNIT.idr);

export function describeVideoCodecs(name: string, { create, sample }: VideoCodecsUnderTest): void {
  describe.each(['VP8', 'H264'] as const)(`MED-9: %s by the ${name} video codecs`, (codec) => {
    const other = codec === 'VP8' ? 'H264' : 'VP8';
    const settings = { bitsPerS: 300_000, picturesPerS: 30 };

    it('shows nothing before a whole picture, and then its size', () => {
      const [whole = NOTHING, next = NOTHING, third = NOTHING] = sample(codec, SIZE);
      const decoder = create().openDecoder(codec);

      expect(typeof decoder.decode(next)).toBe('string');
      expect(decoder.decode(whole)).toEqual(SIZE);
      expect(decoder.decode(next)).toEqual(SIZE);
      expect(decoder.decode(third)).toEqual(SIZE);
      decoder.close();
    });

    it('begins with a whole picture, and makes another when that is wanted', () => {
      const codecs = create();
      const decoder = codecs.openDecoder(other);
      const encoder = codecs.openEncoder({ codec, ...SIZE, ...settings });

      const keys = sample(other, SIZE).map((frame, at) => {
        decoder.decode(frame);
        return isKey(codec, encoder.encode(decoder, { ticks: at * 3000, isKey: at === 3 }));
      });

      expect(keys.slice(0, 5)).toEqual([true, false, false, true, false]);
    });

    it('makes a picture smaller, and none larger', () => {
      const codecs = create();
      const decoder = codecs.openDecoder(other);
      const [whole = NOTHING] = sample(other, SIZE);
      decoder.decode(whole);
      const when = { ticks: 0, isKey: true };

      const small = codecs.openEncoder({ codec, ...SMALLER, ...settings }).encode(decoder, when);
      const large = codecs
        .openEncoder({ codec, width: 640, height: 480, ...settings })
        .encode(decoder, when);

      expect(codecs.openDecoder(codec).decode(small)).toEqual(SMALLER);
      expect(large).toHaveLength(0);
    });

    it('refuses what is no picture, and goes on', () => {
      const decoder = create().openDecoder(codec);
      const [whole = NOTHING] = sample(codec, SIZE);

      expect(decoder.decode(NOTHING)).toBe('refused');
      expect(typeof decoder.decode(Uint8Array.of(0, 0, 1, 0xff, 0xff))).toBe('string');
      expect(decoder.decode(whole)).toEqual(SIZE);
    });
  });
}
