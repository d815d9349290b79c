import { evsFrame } from '../../../../../media-node/src/core/voice/evs-frame.ts';
import {
  NO_EVS_REQUEST,
  readEvsPayload,
  writeEvsPayload,
} from '../../../../../media-node/src/core/voice/evs-payload.ts';
import type { VoiceLeg } from '../../../../../media-node/src/ports/transcoder.ts';
import { aCrossing, LOUD, speak } from '../../../../support/a-crossing.ts';
import { LEGS } from '../../../../support/a-voice-leg.ts';

const QUIET = Uint8Array.of(9 << 3, 0, 0);
const EITHER = { headerFullOnly: false, alwaysRequests: false };
const WIDE_13_2 = 0x24;

const evs = (modeRequest = NO_EVS_REQUEST): Uint8Array => {
  const data = new Uint8Array(33);
  data[1] = 88;
  return writeEvsPayload(EITHER, { modeRequest, frames: [evsFrame(4, data)] });
};
const toward = (format: string): VoiceLeg => ({ ...LEGS.EVS, leavingFormat: format });

describe('MED-8: EVS on a transcoded call', () => {
  it('leaves every 20 ms at 16 kHz, one frame in the compact format', () => {
    const call = aCrossing(toward('br=5.9-24.4;bw=nb-swb'));

    speak(call, 'browser', { frames: 20, payload: LOUD, ticks: 960 });

    const packets = call.to('ims');
    const stamps = packets.map((it) => it.header?.timestamp ?? 0);
    expect(packets.length).toBeGreaterThan(15);
    expect(new Set(packets.map((it) => it.payload.length))).toEqual(new Set([33]));
    expect(new Set(stamps.slice(1).map((it, at) => it - (stamps[at] ?? 0)))).toEqual(
      new Set([320]),
    );
    expect(new Set(call.codecs.modes)).toEqual(new Set([WIDE_13_2]));
  });

  it('leaves in the header-full format where that is the only one, or requests are', () => {
    for (const [format, head] of [
      ['hf-only=1', [0x04]],
      ['cmr=1', [0xff, 0x04]],
    ] as const) {
      const call = aCrossing(toward(format));

      speak(call, 'browser', { frames: 10, payload: LOUD, ticks: 960 });

      expect([...(call.to('ims').at(-1)?.payload.subarray(0, head.length) ?? [])]).toEqual(head);
    }
  });

  it('is packed as the other side wants it: two frames in 40 ms', () => {
    const call = aCrossing({ ...LEGS.EVS, framesPerPacket: 2 });

    speak(call, 'browser', { frames: 20, payload: LOUD, ticks: 960 });

    const last = call.to('ims').at(-1);
    expect(readEvsPayload(EITHER, last?.payload ?? new Uint8Array(0))?.frames).toHaveLength(2);
  });

  it('follows the mode requests of the far side', () => {
    const call = aCrossing(toward('br=5.9-24.4;bw=nb-swb'));

    speak(call, 'browser', { frames: 5, payload: LOUD, ticks: 960 });
    call.take('ims', { payload: evs(0x21), timestamp: 0, sequence: 0 });
    speak(call, 'browser', { frames: 10, payload: LOUD, ticks: 960 });

    expect(call.codecs.modes[0]).toBe(WIDE_13_2);
    expect(call.codecs.modes.at(-1)).toBe(0x21);
  });

  const lossy = (leg: VoiceLeg, frames: number, isLost: (index: number) => boolean) => {
    const call = aCrossing(leg);
    for (let index = 0; index < frames; index += 1) {
      if (!isLost(index)) {
        call.take('ims', { payload: evs(), timestamp: index * 320, sequence: index });
      }
      call.take('browser', { payload: LOUD, timestamp: index * 960, sequence: index });
      call.turns(1);
    }
    return call.to('ims').map(({ payload }) => readEvsPayload(EITHER, payload)?.modeRequest);
  };
  const isEighth = (index: number): boolean => index < 200 && index % 8 === 0;

  it('is requested at 7.2 kbit/s while much of it is lost, at 13.2 when it is not, then at any', () => {
    const requests = lossy(toward('br=5.9-24.4;bw=nb-swb'), 520, isEighth);

    const inTurn = requests.filter((it, at) => it !== requests[at - 1]);
    expect(inTurn).toEqual([NO_EVS_REQUEST, 0x21, WIDE_13_2, NO_EVS_REQUEST]);
  });

  it('is requested within what we have written of br and bw', () => {
    const leg = { ...LEGS.EVS, arrivingFormat: 'br=9.6-13.2;bw=swb' };

    expect(lossy(leg, 240, isEighth).at(-1)).toBe(0x33);
  });

  it.each([
    ['they', { leavingFormat: 'cmr=-1' }],
    ['we', { arrivingFormat: 'cmr=-1' }],
  ])('is not requested in any mode where %s have none of it (cmr=-1)', (_name, format) => {
    const requests = lossy({ ...LEGS.EVS, ...format }, 240, isEighth);

    expect(new Set(requests)).toEqual(new Set([NO_EVS_REQUEST]));
  });

  it('is heard by the browser, and what is lost of it concealed by its own decoder', () => {
    const call = aCrossing(LEGS.EVS);

    for (let index = 0; index < 20; index += 1) {
      if (index !== 10) {
        call.take('ims', { payload: evs(), timestamp: index * 320, sequence: index });
      }
      call.turns(1);
    }

    expect(call.to('browser').length).toBeGreaterThan(15);
    expect(call.codecs.decoded.at(-1)?.[0]).toBe(4);
    expect(call.codecs.concealed.length).toBeGreaterThanOrEqual(1);
    expect(call.crossing.counts('ims').lost).toBe(1);
  });

  it('is not sent in silence, unless the far side wants no pauses', () => {
    const sent = (format: string): number => {
      const call = aCrossing(toward(format));
      speak(call, 'browser', { frames: 30, payload: QUIET, ticks: 960 });
      return call.to('ims').length;
    };

    expect(sent('br=13.2')).toBe(0);
    expect(sent('dtx=0')).toBeGreaterThan(20);
  });

  it('in AMR-WB IO is counted and not played', () => {
    const call = aCrossing(LEGS.EVS);

    call.take('ims', { payload: new Uint8Array(32), timestamp: 0, sequence: 0 });

    expect(call.crossing.malformed).toBe(1);
  });
});
