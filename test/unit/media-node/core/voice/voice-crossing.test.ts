import { amrFrameOf } from '../../../../../media-node/src/core/voice/amr-frame.ts';
import {
  readAmrPayload,
  writeAmrPayload,
} from '../../../../../media-node/src/core/voice/amr-payload.ts';
import { decodeG711 } from '../../../../../media-node/src/core/voice/g711.ts';
import { VoiceCrossing } from '../../../../../media-node/src/core/voice/voice-crossing.ts';
import type { LegName } from '../../../../../media-node/src/ports/media-plane.ts';
import {
  type ACrossing,
  aCrossing,
  LOUD,
  OPUS,
  speak,
  WIDE,
} from '../../../../support/a-crossing.ts';
import { LEGS, planOf } from '../../../../support/a-voice-leg.ts';
import { FakeVoiceCodecs } from '../../../../support/fake-voice-codecs.ts';
import { keyOf } from '../../../../support/speech/key-of.ts';

const amrWb = (mode: number, modeRequest = 15): Uint8Array => {
  const frame = new Uint8Array([18, 24, 33][mode] ?? 33);
  frame[0] = (mode << 3) | 4;
  frame[1] = 88;
  const framing = { band: 'wide', octetAligned: false } as const;
  return writeAmrPayload(framing, { modeRequest, frames: [amrFrameOf(frame)] });
};
const readWide = (payload: Uint8Array) =>
  readAmrPayload({ band: 'wide', octetAligned: false }, payload);

describe('MED-8: sound across a transcoded call', () => {
  it('leaves as one packet every 20 ms, at the clock of the other leg, in its payload type', () => {
    const call = aCrossing();

    speak(call, 'browser', { frames: 30, payload: LOUD, ticks: 960 });

    const packets = call.to('ims');
    expect(packets.length).toBeGreaterThanOrEqual(27);
    const [first, second] = packets;
    expect(first?.header).toMatchObject({ payloadType: 104, marker: true, ssrc: 77 });
    expect(second?.header).toMatchObject({
      marker: false,
      sequence: (first?.header?.sequence ?? 0) + 1,
      timestamp: (first?.header?.timestamp ?? 0) + 320,
    });
    expect(readWide(packets[5]?.payload ?? LOUD)?.frames[0]?.octets[1]).toBe(99);
  });

  it('MED-13: tells in which modes of AMR each side was spoken to, frame by frame', () => {
    const call = aCrossing();
    const silence = call.crossing.playout.ims;

    [0, 1, 1, 2, 1].forEach((mode, index) => {
      call.take('ims', { payload: amrWb(mode), timestamp: index * 320, sequence: index });
      call.turns(1);
    });
    // Whatever was asked for before is obeyed from the next frame on.
    call.take('ims', { payload: amrWb(1, 0), timestamp: 5 * 320, sequence: 5 });
    speak(call, 'browser', { frames: 20, payload: LOUD, ticks: 960 });

    const { heardModes, sentModes } = call.crossing.playout.ims;
    expect(silence).not.toHaveProperty('heardModes');
    expect(heardModes).toEqual({ latest: 1, frames: [1, 4, 1, 0, 0, 0, 0, 0, 0] });
    expect(sentModes?.latest).toBe(0);
    expect(sentModes?.frames.slice(1)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(call.crossing.playout.browser).not.toHaveProperty('sentModes');
  });

  it('goes both ways at once', () => {
    const call = aCrossing();

    for (let index = 0; index < 20; index += 1) {
      call.take('ims', { payload: amrWb(2), timestamp: index * 320, sequence: index });
      call.take('browser', { payload: LOUD, timestamp: index * 960, sequence: index });
      call.turns(1);
    }

    expect(call.to('browser').length).toBeGreaterThanOrEqual(17);
    expect(call.to('browser').at(-1)?.payload[2]).toBe(88);
    expect(call.to('ims').length).toBeGreaterThanOrEqual(17);
  });

  it('comes out of G.711 as it comes out of any', () => {
    const call = aCrossing(LEGS.PCMA);

    speak(call, 'browser', { frames: 20, payload: LOUD, ticks: 960 });

    expect(call.to('ims').at(-1)?.payload).toHaveLength(160);
    expect(call.to('ims').at(-1)?.header?.payloadType).toBe(8);
  });

  it('is packed as the other side wants it: three frames in 60 ms', () => {
    const call = aCrossing({ ...WIDE, framesPerPacket: 3 });

    speak(call, 'browser', { frames: 32, payload: LOUD, ticks: 960 });

    const packets = call.to('ims');
    expect(readWide(packets[1]?.payload ?? LOUD)?.frames).toHaveLength(3);
    expect((packets[2]?.header?.timestamp ?? 0) - (packets[1]?.header?.timestamp ?? 0)).toBe(960);
  });

  it('asks the redundancy of the next packet for a lost one', () => {
    const call = aCrossing();

    for (let index = 0; index < 20; index += 1) {
      const payload = Uint8Array.of(9 << 3, index, 99);
      if (index !== 11) call.take('browser', { payload, timestamp: index * 960, sequence: index });
      call.turns(1);
    }

    expect(call.codecs.concealed).toEqual([Uint8Array.of(9 << 3, 12, 99)]);
  });

  it('repeats the last frame of AMR-WB twice, and has the decoder conceal what follows', () => {
    const call = aCrossing();

    for (let index = 0; index < 30; index += 1) {
      const isLost = index >= 12 && index < 15;
      if (!isLost) call.take('ims', { payload: amrWb(2), timestamp: index * 320, sequence: index });
      call.turns(1);
    }

    expect(call.crossing.counts('ims').lost).toBe(3);
    expect(call.codecs.concealed).toHaveLength(1);
  });

  it('counts payloads that no codec can have made, and goes on', () => {
    const call = aCrossing();

    for (let index = 0; index < 20; index += 1) {
      const payload = index % 2 === 0 ? amrWb(2) : Uint8Array.of(0xff);
      call.take('ims', { payload, timestamp: index * 320, sequence: index });
      call.turns(1);
    }
    call.take('ims', { payload: LOUD, payloadType: 55, timestamp: 0, sequence: 20 });

    expect(call.crossing.malformed).toBe(11);
    expect(call.to('browser').length).toBeGreaterThan(10);
  });

  it('closes every codec it opened', () => {
    const call = aCrossing();
    const { isOpenCount } = call.codecs;

    call.crossing.close();

    expect(isOpenCount).toBe(4);
    expect(call.codecs.isOpenCount).toBe(0);
  });
});

describe('MED-8: modes of AMR on a transcoded call', () => {
  it('are those the far side requests of us', () => {
    const call = aCrossing();

    speak(call, 'browser', { frames: 5, payload: LOUD, ticks: 960 });
    call.take('ims', { payload: amrWb(2, 0), timestamp: 0, sequence: 0 });
    speak(call, 'browser', { frames: 10, payload: LOUD, ticks: 960 });

    expect(call.codecs.modes[0]).toBe(2);
    expect(call.codecs.modes.at(-1)).toBe(0);
  });

  it('are requested lower of the far side while much of it is lost', () => {
    const call = aCrossing();

    for (let index = 0; index < 260; index += 1) {
      if (index % 8 !== 0) {
        call.take('ims', { payload: amrWb(2), timestamp: index * 320, sequence: index });
      }
      call.take('browser', { payload: LOUD, timestamp: index * 960, sequence: index });
      call.turns(1);
    }

    const requests = call.to('ims').map((it) => readWide(it.payload)?.modeRequest);
    expect(requests[10]).toBe(15);
    expect(requests.at(-1)).toBe(0);
  });
});

describe('MED-8: silence on a transcoded call', () => {
  const QUIET = Uint8Array.of(9 << 3, 0, 0);

  it('is not sent in AMR, and its end is marked', () => {
    const call = aCrossing();

    for (let index = 0; index < 60; index += 1) {
      const payload = index >= 20 && index < 40 ? QUIET : LOUD;
      call.take('browser', { payload, timestamp: index * 960, sequence: index });
      call.turns(1);
    }

    const packets = call.to('ims');
    expect(packets.length).toBeLessThan(42);
    expect(packets.filter((it) => it.header?.marker)).toHaveLength(2);
    expect(call.codecs.encoders.find((it) => it.codec === 'AMR-WB')?.withPauses).toBe(true);
  });

  it('of a browser in DTX is silence, and no loss', () => {
    const call = aCrossing();
    const pause = Uint8Array.of(9 << 3, 0);

    speak(call, 'browser', { frames: 10, payload: LOUD, ticks: 960 });
    call.take('browser', { payload: pause, timestamp: 9600, sequence: 10 });
    call.turns(20);
    call.take('browser', { payload: LOUD, timestamp: 30 * 960, sequence: 11 });
    call.turns(8);

    expect(call.crossing.counts('browser').lost).toBe(0);
  });

  it('is told by comfort noise where G.711 has it (RFC 3389), and heard where it comes in', () => {
    const noise = { arriving: 13, leaving: 13, clockRateHz: 8000 };
    const call = aCrossing({ ...LEGS.PCMU, noise });

    for (let index = 0; index < 60; index += 1) {
      const payload = index < 10 ? LOUD : QUIET;
      call.take('browser', { payload, timestamp: index * 960, sequence: index });
      call.turns(1);
    }
    call.take('ims', { payload: Uint8Array.of(40), payloadType: 13, timestamp: 0, sequence: 0 });
    call.turns(20);

    const told = call.to('ims').filter((it) => it.header?.payloadType === 13);
    expect(told.length).toBeGreaterThanOrEqual(1);
    expect(told.length).toBeLessThan(5);
    expect(call.to('ims').length).toBeLessThan(40);
    expect(call.to('browser').at(-1)?.payload[2]).toBeGreaterThan(0);
  });

  it('is not sent to a browser that asked for that (usedtx)', () => {
    const codecs = new FakeVoiceCodecs();
    const leg = { ...OPUS, leavingFormat: 'usedtx=1' };

    new VoiceCrossing(planOf(WIDE, leg), codecs, 1);

    expect(codecs.encoders.find((it) => it.codec === 'opus')?.withPauses).toBe(true);
  });
});

describe('MED-8: telephone-events on a transcoded call', () => {
  const event = (durationTicks: number, isEnd = false): Uint8Array =>
    Uint8Array.of(5, (isEnd ? 0x80 : 0) | 10, durationTicks >> 8, durationTicks & 0xff);

  /** A key of 100 ms in the middle of speech that goes on: some phones send both. */
  function press(
    call: ACrossing,
    from: LegName,
    {
      speech,
      ticks,
      payloadType,
    }: {
      readonly speech: Uint8Array;
      readonly ticks: number;
      readonly payloadType: number;
    },
  ): void {
    let sequence = 0;
    for (let index = 0; index < 40; index += 1) {
      const isKey = index >= 20 && index < 25;
      call.take(from, { payload: speech, timestamp: index * ticks, sequence: sequence++ });
      if (isKey) {
        const payload = event((index - 19) * ticks, index === 24);
        call.take(from, { payload, payloadType, timestamp: 20 * ticks, sequence: sequence++ });
      }
      call.turns(1);
    }
  }

  it.each([
    ['browser', 'ims', LOUD, 960, 110, 102, 320],
    ['ims', 'browser', amrWb(2), 320, 102, 110, 960],
  ] as const)(
    'from the %s reach the %s at its clock, with their length, under one timestamp',
    (from, to, speech, ticks, payloadType, leaving, otherTicks) => {
      const call = aCrossing();

      press(call, from, { speech, ticks, payloadType });

      const events = call.to(to).filter((it) => it.header?.payloadType === leaving);
      const durations = events.map((it) => ((it.payload[2] ?? 0) << 8) | (it.payload[3] ?? 0));
      expect(durations).toEqual([1, 2, 3, 4, 5].map((count) => count * otherTicks));
      expect(new Set(events.map((it) => it.header?.timestamp)).size).toBe(1);
      expect(events.map((it) => it.header?.marker)).toEqual([true, false, false, false, false]);
      expect(events.at(-1)?.payload[1]).toBe(0x8a);
    },
  );

  it('are not heard a second time: no sound leaves while one lasts', () => {
    const call = aCrossing();

    press(call, 'browser', { speech: LOUD, ticks: 960, payloadType: 110 });

    const kinds = call.to('ims').map((it) => it.header?.payloadType);
    const first = kinds.indexOf(102);
    const last = kinds.lastIndexOf(102);
    expect(kinds.slice(first, last + 1).filter((it) => it === 104)).toEqual([]);
    expect(kinds.slice(last + 1).length).toBeGreaterThan(10);
  });

  it('are over after 200 ms where their end was lost', () => {
    const call = aCrossing();

    speak(call, 'browser', { frames: 20, payload: LOUD, ticks: 960 });
    call.take('browser', {
      payload: event(960),
      payloadType: 110,
      timestamp: 20 * 960,
      sequence: 20,
    });
    for (let index = 21; index < 50; index += 1) {
      call.take('browser', { payload: LOUD, timestamp: index * 960, sequence: index });
      call.turns(1);
    }

    const lastKind = call.to('ims').at(-1)?.header?.payloadType;
    expect(lastKind).toBe(104);
  });

  it('are told by their tones to a side that has none, as loud as keys are', () => {
    const call = aCrossing({ ...LEGS.PCMU, hearsTones: true });

    press(call, 'browser', { speech: LOUD, ticks: 960, payloadType: 110 });

    const sounds = call.to('ims').map((it) => {
      const pcm = new Int16Array(it.payload.length);
      decodeG711('mu', it.payload, pcm);
      return keyOf(pcm);
    });
    expect(call.to('ims').every((it) => it.header?.payloadType === 0)).toBe(true);
    expect(sounds.filter((it) => it === '5').length).toBeGreaterThanOrEqual(4);
    expect(sounds.at(-1)).toBeUndefined();
  });

  it('are left out where keys go another way, and the sound of a tone with them', () => {
    const call = aCrossing(LEGS['AMR-WB']);

    press(call, 'browser', { speech: LOUD, ticks: 960, payloadType: 110 });

    expect(call.to('ims').every((it) => it.header?.payloadType === 104)).toBe(true);
    expect(call.to('ims').length).toBeLessThan(36);
  });
});
