import { createVideoCodecs } from '../../media-node/src/adapters/codecs/create-video-codecs.ts';
import { unitsIn, unitType } from '../../media-node/src/core/video/h264-units.ts';
import { h264Limits } from '../../media-node/src/core/video/picture-limits.ts';
import { VideoCrossing } from '../../media-node/src/core/video/video-crossing.ts';
import type { LegName } from '../../media-node/src/ports/media-plane.ts';
import type { VideoCodecName } from '../../media-node/src/ports/video-codecs.ts';
import type { VideoLeg } from '../../media-node/src/ports/video-transcoder.ts';
import { anH264Leg, aVp8Leg } from '../support/video/a-video-leg.ts';
import {
  decodedApart,
  encodedApart,
  likeness,
  movingPicture,
  VGA,
} from '../support/video/moving-picture.ts';
import { PictureSender, readApart } from '../support/video/packets.ts';
import { isKey } from './video-codecs.contract.ts';

const PICTURES = 45;
const raw = movingPicture(VGA, PICTURES);
const sources = new Map<VideoCodecName, readonly Uint8Array[]>();

function sourceOf(codec: VideoCodecName): readonly Uint8Array[] {
  const frames = sources.get(codec) ?? encodedApart(codec, VGA, raw);
  sources.set(codec, frames);
  return frames;
}

interface Shown {
  readonly packets: readonly Uint8Array[];
  readonly pictures: readonly Uint8Array[];
  readonly asked: readonly LegName[];
}

/** The browser's pictures as IMS has them; `before` is called ahead of each. */
function show(
  browser: VideoLeg,
  ims: VideoLeg,
  before: (crossing: VideoCrossing, picture: number) => void = () => undefined,
): Shown {
  const packets: Uint8Array[] = [];
  const asked: LegName[] = [];
  const crossing = new VideoCrossing({ browser, ims }, createVideoCodecs(), {
    leave: (_to, packet) => packets.push(packet),
    askPicture: (of) => asked.push(of),
    askAgain: () => undefined,
  });
  const sender = new PictureSender(browser.codec, browser.arriving);
  for (const [at, frame] of sourceOf(browser.codec).entries()) {
    before(crossing, at);
    const nowMs = at * 33;
    for (const packet of sender.packets(frame)) {
      crossing.take('browser', packet, { atMs: nowMs, nowMs });
    }
  }
  crossing.close();
  return { packets, pictures: readApart(ims.codec, packets), asked };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, it) => sum + it, 0) / values.length;

describe('MED-9: a moving picture of 640x480', () => {
  it.each([
    ['VP8 to H.264', aVp8Leg(), anH264Leg()],
    ['VP8 to H.264 without fragments', aVp8Leg(), anH264Leg({ packetizationMode: 0 })],
    ['H.264 to VP8', anH264Leg(), aVp8Leg()],
  ] as const)('%s is decoded by FFmpeg to what was filmed', (_name, from, to) => {
    const { pictures, packets, asked } = show(from, to);

    const seen = decodedApart(to.codec, pictures);
    const noise = likeness(raw, seen, VGA);

    expect(pictures).toHaveLength(PICTURES);
    expect(noise).toHaveLength(PICTURES);
    expect(mean(noise)).toBeGreaterThan(30);
    expect(Math.min(...noise)).toBeGreaterThan(25);
    expect(Math.max(...packets.map((it) => it.length))).toBeLessThanOrEqual(1200);
    expect(asked).toEqual([]);
  });

  it.each([
    ['H.264', aVp8Leg(), anH264Leg()],
    ['VP8', anH264Leg(), aVp8Leg()],
  ] as const)(
    'is whole in %s at its begin and where the receiver wants it, nowhere else',
    (_name, from, to) => {
      const { pictures } = show(from, to, (crossing, picture) => {
        if (picture === 20) crossing.wantPicture('ims', picture * 33);
      });

      const whole = pictures.flatMap((it, at) => (isKey(to.codec, it) ? [at] : []));
      expect(whole).toEqual([0, 20]);
    },
  );

  it.each([
    ['1.2', '42e00c', 396, 12],
    ['1.3', '42e00d', 396, 13],
    ['3.0', '42e01e', 1620, 30],
  ])('is made small enough for H.264 of level %s', (_name, id, most, level) => {
    const { pictures } = show(aVp8Leg(), anH264Leg({ limits: h264Limits(id) }));
    const { width, height } = sizeOfFirst(pictures);
    const [, , , said] =
      unitsIn(pictures[0] ?? new Uint8Array()).find((it) => unitType(it) === 7) ?? [];

    expect(Math.ceil(width / 16) * Math.ceil(height / 16)).toBeLessThanOrEqual(most);
    expect(width).toBeGreaterThan(300);
    expect(said).toBeLessThanOrEqual(level);
    expect(decodedApart('H264', pictures).length).toBe((pictures.length * width * height * 3) / 2);
  });

  it('keeps to the bits its receiver takes', () => {
    const wide = show(aVp8Leg(), anH264Leg());
    const narrow = show(aVp8Leg(), anH264Leg(), (crossing, picture) => {
      if (picture === 1) crossing.limit('ims', 150_000);
    });
    const bytes = ({ pictures }: Shown) =>
      pictures.slice(5).reduce((sum, it) => sum + it.length, 0);

    expect(bytes(narrow)).toBeLessThan(0.6 * bytes(wide));
  });
});

function sizeOfFirst(pictures: readonly Uint8Array[]): { width: number; height: number } {
  const size = createVideoCodecs()
    .openDecoder('H264')
    .decode(pictures[0] ?? new Uint8Array());
  if (typeof size === 'string') throw new Error(size);
  return size;
}
