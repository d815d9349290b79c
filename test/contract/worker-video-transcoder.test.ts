import { createVideoCodecs } from '../../media-node/src/adapters/codecs/create-video-codecs.ts';
import { createWorkerVideoTranscoder } from '../../media-node/src/adapters/codecs/worker-video-transcoder.ts';
import { systemClock } from '../../media-node/src/adapters/time/system-clock.ts';
import type { LegName } from '../../media-node/src/ports/media-plane.ts';
import type { VideoPlan, VideoTranscoder } from '../../media-node/src/ports/video-transcoder.ts';
import { noLog } from '../support/node-no-log.ts';
import { until } from '../support/until.ts';
import { anH264Leg, aVp8Leg } from '../support/video/a-video-leg.ts';
import { FakeVideoCodecs } from '../support/video/fake-video-codecs.ts';
import { encodedApart, movingPicture } from '../support/video/moving-picture.ts';
import { PictureSender, readApart } from '../support/video/packets.ts';
import { isKey } from './video-codecs.contract.ts';

const SIZE = { width: 320, height: 240 };
const [WHOLE = new Uint8Array(), NEXT = new Uint8Array()] = encodedApart(
  'VP8',
  SIZE,
  movingPicture(SIZE, 2),
);
const PLAN: VideoPlan = { browser: aVp8Leg(), ims: anH264Leg() };

class CountingMetrics {
  readonly counted: string[] = [];
  readonly gauges = new Map<string, number>();
  count(name: string): void {
    this.counted.push(name);
  }
  gauge(name: string, value: number): void {
    this.gauges.set(name, value);
  }
}

const open: VideoTranscoder[] = [];
afterEach(async () => {
  for (const transcoder of open.splice(0)) await transcoder.close();
});

function aTranscoder({ capacity = 2, threads = 2, codecs = createVideoCodecs() } = {}) {
  const metrics = new CountingMetrics();
  const transcoder = createWorkerVideoTranscoder(
    { codecs, clock: systemClock, log: noLog, metrics },
    { threads, capacity },
  );
  open.push(transcoder);
  return { transcoder, metrics };
}

function started(transcoder: VideoTranscoder, plan: VideoPlan = PLAN) {
  const slot = transcoder.reserve();
  if (!slot) throw new Error('no place');
  const left: { to: LegName; packet: Uint8Array }[] = [];
  const asked: LegName[] = [];
  slot.start(plan, {
    leave: (to, packet) => left.push({ to, packet: packet.slice() }),
    askPicture: (of) => asked.push(of),
    askAgain: () => undefined,
  });
  return { slot, left, asked };
}

const markers = (left: readonly { packet: Uint8Array }[]): number =>
  left.filter(({ packet }) => (packet[1] ?? 0) >= 0x80).length;

describe('MED-9: the video transcoder in threads', () => {
  it('gives back H.264 for VP8, and a whole picture when one is wanted though none comes', async () => {
    const { slot, left } = started(aTranscoder().transcoder);
    const sender = new PictureSender('VP8', 96);
    for (const it of sender.packets(WHOLE)) slot.take('browser', it);
    await until(() => markers(left) === 1);

    slot.wantPicture('ims');
    await until(() => markers(left) === 2);
    const pictures = readApart(
      'H264',
      left.map((it) => it.packet),
    );

    expect(new Set(left.map((it) => it.to))).toEqual(new Set(['ims']));
    expect(isKey('H264', pictures.at(-1) ?? new Uint8Array())).toBe(true);
  });

  it('asks a sender whose first picture is not whole', async () => {
    const { slot, asked } = started(aTranscoder().transcoder);
    const sender = new PictureSender('VP8', 96);
    for (const it of sender.packets(NEXT)) slot.take('browser', it);
    await until(() => asked.length > 0);

    expect(asked).toEqual(['browser']);
  });

  it('has as many places as it may, apart from those of voice, and counts who found none', () => {
    const { transcoder, metrics } = aTranscoder({ capacity: 2 });

    const slots = [transcoder.reserve(), transcoder.reserve()];
    const third = transcoder.reserve();
    slots[0]?.release();
    slots[0]?.release();

    expect(third).toBeUndefined();
    expect(transcoder.load).toEqual({ used: 1, capacity: 2 });
    expect(metrics.gauges.get('video_transcoding_slots_used')).toBe(1);
    expect(metrics.counted).toEqual(['video_transcoding_refused']);
    expect(transcoder.reserve()).toBeDefined();
  });

  it('has none on a machine without a library', () => {
    const codecs = new FakeVideoCodecs(new Map([['H264', 'libopenh264.so.7: not found']]));
    const { transcoder } = aTranscoder({ codecs });

    expect(transcoder.isAvailable).toBe(false);
    expect(transcoder.load.capacity).toBe(0);
  });

  it('keeps calls apart, and one that ends from the other', async () => {
    const { transcoder } = aTranscoder({ threads: 1 });
    const [one, two] = [started(transcoder), started(transcoder)];
    const [first, second] = [new PictureSender('VP8', 96), new PictureSender('VP8', 96)];
    for (const it of first.packets(WHOLE)) one.slot.take('browser', it);
    for (const it of second.packets(WHOLE)) two.slot.take('browser', it);
    await until(() => markers(one.left) === 1 && markers(two.left) === 1);

    one.slot.release();
    for (const it of first.packets(WHOLE)) one.slot.take('browser', it);
    for (const it of second.packets(WHOLE)) two.slot.take('browser', it);
    await until(() => markers(two.left) === 2);

    expect(markers(one.left)).toBe(1);
  });
});
