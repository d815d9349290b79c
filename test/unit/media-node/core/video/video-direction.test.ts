import { writeExtension } from '../../../../../media-node/src/core/media/rtp-extension.ts';
import {
  payloadOf,
  readRtpHeader,
  writeRtp,
} from '../../../../../media-node/src/core/media/rtp-packet.ts';
import { packH264 } from '../../../../../media-node/src/core/video/h264-payload.ts';
import { h264Limits } from '../../../../../media-node/src/core/video/picture-limits.ts';
import {
  type DirectionOutput,
  VideoDirection,
} from '../../../../../media-node/src/core/video/video-direction.ts';
import { packVp8 } from '../../../../../media-node/src/core/video/vp8-payload.ts';
import type { VideoLeg } from '../../../../../media-node/src/ports/video-transcoder.ts';
import { anH264Leg, aVp8Leg } from '../../../../support/video/a-video-leg.ts';
import { FakeVideoCodecs, fakePicture } from '../../../../support/video/fake-video-codecs.ts';

const SIZE = { width: 640, height: 480 };
const STEP = 3000;

/** A sender of VP8, a picture every 33 ms. */
class Sender {
  #sequence = 100;
  #number = 0;

  picture({ isKey = false, size = SIZE, turned = -1, timestamp = -1 } = {}): Uint8Array[] {
    const frame = Buffer.concat([fakePicture('VP8', size, isKey), Buffer.alloc(2000, ' ')]);
    this.#number += 1;
    const at = timestamp < 0 ? STEP * this.#number : timestamp;
    const payloads = packVp8(frame, { pictureId: this.#number, maxBytes: 1000 });
    return payloads.map((payload, index) => {
      this.#sequence += 1;
      const marker = index === payloads.length - 1;
      const fields = { marker, payloadType: 96, sequence: this.#sequence, timestamp: at, ssrc: 7 };
      const extension =
        turned < 0 || !marker ? undefined : writeExtension(13, Uint8Array.of(turned));
      return writeRtp(fields, payload, extension);
    });
  }
}

class Scene {
  readonly codecs = new FakeVideoCodecs();
  readonly direction: VideoDirection;
  readonly sender = new Sender();
  readonly packets: Uint8Array[] = [];
  asked = 0;
  readonly missing: number[] = [];
  nowMs = 1000;

  constructor(from: VideoLeg = aVp8Leg({ orientation: 13 }), to = anH264Leg({ orientation: 7 })) {
    this.direction = new VideoDirection(from, to, this.codecs);
  }

  put({ packets, wantsPicture, missing }: DirectionOutput): void {
    this.packets.push(...packets);
    this.asked += wantsPicture ? 1 : 0;
    this.missing.push(...missing);
  }

  show(packets: readonly Uint8Array[], lateMs = 0): void {
    this.nowMs += 33;
    for (const it of packets) this.put(this.direction.take(it, this.nowMs - lateMs, this.nowMs));
  }

  turn(ms: number): void {
    this.nowMs += ms;
    this.put(this.direction.turn(this.nowMs));
  }

  get pictures() {
    return this.packets.map((packet) => {
      const header = readRtpHeader(packet);
      const payload = header && payloadOf(packet, header);
      return { ...header, isKey: payload?.[0] === 0x65 };
    });
  }

  get keys(): readonly boolean[] {
    return this.pictures.map((it) => it.isKey);
  }
}

describe('MED-9: video from a sender of VP8 to a receiver of H.264', () => {
  it('goes on picture for picture, whole where the sender is, in numbers that rise by one', () => {
    const scene = new Scene();
    scene.show(scene.sender.picture({ isKey: true }));
    for (let at = 0; at < 3; at += 1) scene.show(scene.sender.picture());

    expect(scene.keys).toEqual([true, false, false, false]);
    expect(scene.pictures.map((it) => it.payloadType)).toEqual([99, 99, 99, 99]);
    expect(scene.pictures.map((it) => it.sequence)).toEqual([1, 2, 3, 4]);
    const times = scene.pictures.map((it) => it.timestamp ?? 0);
    expect(times.slice(1).map((it, at) => it - (times[at] ?? 0))).toEqual([STEP, STEP, STEP]);
    expect(scene.asked).toBe(0);
  });

  it('waits for a whole picture, and asks for it again where none comes', () => {
    const scene = new Scene();
    for (let at = 0; at < 30; at += 1) scene.show(scene.sender.picture());

    // 990 ms, asked every 300.
    expect(scene.asked).toBe(3);
    expect(scene.packets).toEqual([]);
  });

  it('asks for what is missing, and shows everything when it comes in time', () => {
    const scene = new Scene();
    scene.show(scene.sender.picture({ isKey: true }));
    const [first = new Uint8Array(), ...rest] = scene.sender.picture();
    scene.show(rest);
    scene.show([first]);

    expect(scene.missing).toEqual([readRtpHeader(first)?.sequence]);
    expect(scene.keys).toEqual([true, false]);
    expect(scene.asked).toBe(0);
  });

  it('asks for a whole picture when some of one is lost, and shows nothing torn before it', () => {
    const scene = new Scene();
    scene.show(scene.sender.picture({ isKey: true }));
    scene.show(scene.sender.picture().slice(1));
    scene.turn(200);
    scene.show(scene.sender.picture());
    const before = scene.packets.length;
    scene.show(scene.sender.picture({ isKey: true }));

    expect(before).toBe(1);
    expect(scene.asked).toBe(1);
    expect(scene.keys).toEqual([true, true]);
  });

  it('shows nothing that stands on a picture which never came', () => {
    const scene = new Scene();
    scene.show(scene.sender.picture({ isKey: true }));
    scene.sender.picture();
    scene.show(scene.sender.picture());
    scene.turn(200);
    scene.show(scene.sender.picture());

    expect(scene.packets).toHaveLength(1);
    expect(scene.asked).toBe(1);
  });

  it('shows what there is where the sender cannot be asked', () => {
    const scene = new Scene(aVp8Leg({ canBeAsked: false }));
    scene.show(scene.sender.picture({ isKey: true }));
    scene.show(scene.sender.picture().slice(1));
    scene.turn(200);
    scene.show(scene.sender.picture());

    expect(scene.asked).toBe(0);
    expect(scene.packets.length).toBeGreaterThan(1);
  });

  it('gives up waiting for who does not obey', () => {
    const scene = new Scene();
    scene.show(scene.sender.picture({ isKey: true }));
    scene.show(scene.sender.picture().slice(1));
    scene.turn(200);
    for (let at = 0; at < 120; at += 1) scene.show(scene.sender.picture());

    expect(scene.packets.length).toBeGreaterThan(20);
  });

  it('is whole with the next picture when the receiver wants it', () => {
    const scene = new Scene();
    scene.show(scene.sender.picture({ isKey: true }));
    for (let at = 0; at < 4; at += 1) scene.show(scene.sender.picture());
    scene.direction.wantPicture(scene.nowMs);
    scene.show(scene.sender.picture());
    scene.show(scene.sender.picture());

    expect(scene.keys.slice(-2)).toEqual([true, false]);
    expect(scene.asked).toBe(0);
  });

  it('is whole within 200 ms though the sender makes a pause, and time does not go back', () => {
    const scene = new Scene();
    scene.show(scene.sender.picture({ isKey: true }));
    scene.show(scene.sender.picture());
    scene.turn(150);
    scene.direction.wantPicture(scene.nowMs);
    const wantedMs = scene.nowMs;
    while (!scene.keys.at(-1) && scene.nowMs < wantedMs + 1000) scene.turn(20);
    const waitedMs = scene.nowMs - wantedMs;
    scene.show(scene.sender.picture({ timestamp: 2 * STEP + 90 * (scene.nowMs - 1000) }));

    expect(waitedMs).toBeLessThanOrEqual(200);
    const times = scene.pictures.map((it) => it.timestamp ?? 0);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(new Set(times).size).toBe(4);
  });

  it('does not let a receiver have every picture whole', () => {
    const scene = new Scene();
    scene.show(scene.sender.picture({ isKey: true }));
    for (let at = 0; at < 30; at += 1) {
      scene.direction.wantPicture(scene.nowMs);
      scene.show(scene.sender.picture());
    }

    // One each 100 ms of 990.
    expect(scene.keys.filter((it) => it).length).toBeLessThanOrEqual(10);
  });

  it('keeps how the picture is turned, on the last packet of it', () => {
    const scene = new Scene();
    scene.show(scene.sender.picture({ isKey: true, turned: 3 }));

    const [packet = new Uint8Array()] = scene.packets;
    expect(Buffer.from(packet.subarray(12, 20)).toString('hex')).toBe('bede000170030000');
  });

  it('is encoded anew when the picture changes its size, within the level', () => {
    const scene = new Scene(aVp8Leg(), anH264Leg({ limits: h264Limits('42e00d') }));
    scene.show(scene.sender.picture({ isKey: true }));
    scene.show(scene.sender.picture({ isKey: true, size: { width: 320, height: 240 } }));

    const [large, small] = scene.codecs.opened;
    expect(large?.width).toBeLessThan(400);
    expect(small).toMatchObject({ width: 320, height: 240, picturesPerS: 30 });
    expect(scene.codecs.closed).toBe(1);
    expect(scene.keys).toEqual([true, true]);
  });

  it('leaves pictures out where the level takes fewer', () => {
    const scene = new Scene(aVp8Leg(), anH264Leg({ limits: h264Limits('42e00c') }));
    scene.show(scene.sender.picture({ isKey: true }));
    for (let at = 0; at < 29; at += 1) scene.show(scene.sender.picture());

    expect(scene.codecs.opened[0]?.picturesPerS).toBeLessThan(20);
    expect(scene.packets.length).toBeLessThanOrEqual(15);
    expect(scene.packets.length).toBeGreaterThanOrEqual(14);
  });

  it('has the bits its receiver says, from then on', () => {
    const scene = new Scene();
    scene.show(scene.sender.picture({ isKey: true }));
    scene.direction.limit(300_000);
    scene.direction.limit(300_000);

    expect(scene.codecs.rates).toEqual([300_000]);
  });

  it('lets a thread that is late catch up', () => {
    const scene = new Scene();
    scene.show(scene.sender.picture({ isKey: true }));
    scene.show(scene.sender.picture(), 400);
    scene.show(scene.sender.picture());

    expect(scene.packets).toHaveLength(2);
  });

  it('goes on when the sender begins anew', () => {
    const scene = new Scene();
    scene.show(scene.sender.picture({ isKey: true, timestamp: 4_000_000_000 }));
    scene.show(scene.sender.picture({ isKey: true, timestamp: 5 }));

    const [first, second] = scene.pictures.map((it) => it.timestamp ?? 0);
    expect((second ?? 0) - (first ?? 0)).toBeLessThanOrEqual(900_000);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThan(0);
  });

  it('passes over what bears another payload type', () => {
    const scene = new Scene(aVp8Leg({ arriving: 97 }));
    scene.show(scene.sender.picture({ isKey: true }));

    expect(scene.packets).toEqual([]);
  });
});

describe('MED-9: H.264 between packetization modes', () => {
  const modes = (from: 0 | 1, to: 0 | 1) =>
    new Scene(
      anH264Leg({ packetizationMode: from }),
      anH264Leg({ packetizationMode: to, leaving: 98 }),
    );
  const unit = (type: number, length: number) =>
    Buffer.concat([Buffer.of(0x60 | type), Buffer.alloc(length - 1, 9)]);
  const SETS = [Buffer.of(0x67, 0x42, 0xe0, 0x1f, 9), Buffer.of(0x68, 9)];

  let sequence = 0;
  const rtp = (units: readonly Uint8Array[]): Uint8Array[] => {
    const payloads = packH264(units, { mode: 1, maxBytes: 1180 }) ?? [];
    const timestamp = sequence * STEP;
    return payloads.map((payload, at) => {
      sequence += 1;
      const marker = at === payloads.length - 1;
      return writeRtp({ marker, payloadType: 99, sequence, timestamp, ssrc: 7 }, payload);
    });
  };

  it('is packed anew and not decoded, from aggregates to units alone', () => {
    const scene = modes(1, 0);
    scene.show(rtp([...SETS, unit(5, 900)]));
    scene.show(rtp([unit(1, 300)]));

    const payloads = scene.packets.map((it) => it.subarray(12));
    expect(payloads).toEqual(
      [...SETS, unit(5, 900), unit(1, 300)].map((it) => Uint8Array.from(it)),
    );
    expect(scene.pictures.map((it) => it.marker)).toEqual([false, false, true, true]);
    expect(scene.codecs.opened).toEqual([]);
  });

  it('asks the sender for a whole picture when the receiver wants one', () => {
    const scene = modes(1, 0);
    scene.show(rtp([...SETS, unit(5, 900)]));
    scene.direction.wantPicture(scene.nowMs);
    scene.turn(20);

    expect(scene.asked).toBe(1);
  });

  it.each([
    ['a unit that fits no packet', [...SETS, unit(5, 3000)]],
    ['a level beyond the receiver’s', [Buffer.of(0x67, 0x42, 0xe0, 0x34, 9), unit(5, 500)]],
  ])('is decoded and encoded from the first picture on that has %s', (_name, units) => {
    const scene = modes(1, 0);
    scene.show(rtp([...SETS, unit(5, 900)]));
    const frame = fakePicture('H264', SIZE, true).subarray(4);

    scene.show(rtp(units));
    scene.show(rtp([frame]));

    expect(scene.codecs.opened[0]).toMatchObject({ codec: 'H264', maxUnitBytes: 1180 });
  });
});
