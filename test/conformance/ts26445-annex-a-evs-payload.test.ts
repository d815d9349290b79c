import fc from 'fast-check';
import {
  answeredEvsFormat,
  evsRequests,
  evsRules,
  isHeaderFullOnly,
  isPlainEvs,
} from '../../media-node/src/core/voice/evs-format.ts';
import {
  EVS_LOST,
  EVS_NO_DATA,
  EVS_SID,
  type EvsFrame,
  evsFrame,
  evsOctets,
  isProtectedLength,
} from '../../media-node/src/core/voice/evs-frame.ts';
import { firstEvsMode, requestedEvsMode } from '../../media-node/src/core/voice/evs-modes.ts';
import {
  NO_EVS_REQUEST,
  readEvsPayload,
  writeEvsPayload,
} from '../../media-node/src/core/voice/evs-payload.ts';

const EITHER = { headerFullOnly: false, alwaysRequests: false };
const FULL_ONLY = { headerFullOnly: true, alwaysRequests: false };
const WIDE_13_2 = 0x24;

const TYPES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, EVS_SID, EVS_LOST, EVS_NO_DATA];

/** Its first bit is clear, as that of 2.8 kbit/s has to be (A.2.1.3). */
const aFrame = (frameType: number, seed = 1): EvsFrame =>
  evsFrame(
    frameType,
    Uint8Array.from({ length: evsOctets(frameType) ?? 0 }, (_, at) => (at * 7 + seed) & 0x7f),
  );

describe('3GPP TS 26.445 §A.2.1 – the compact format', () => {
  it.each([
    [0, 7],
    [1, 18],
    [2, 20],
    [3, 24],
    [4, 33],
    [5, 41],
    [6, 61],
    [7, 80],
    [8, 120],
    [9, 160],
    [10, 240],
    [11, 320],
    [EVS_SID, 6],
  ])('is the frame and nothing else: type %i has %i octets', (type, octets) => {
    const frame = aFrame(type);

    const payload = writeEvsPayload(EITHER, { modeRequest: NO_EVS_REQUEST, frames: [frame] });

    expect(payload).toEqual(frame.octets.slice(1));
    expect(payload).toHaveLength(octets);
    expect(readEvsPayload(EITHER, payload)?.frames).toEqual([frame]);
  });

  it.each([17, 23, 32, 36, 40, 46, 50, 58, 60])(
    'of AMR-WB IO is not taken: %i octets',
    (octets) => {
      expect(readEvsPayload(EITHER, new Uint8Array(octets))).toBeUndefined();
    },
  );

  it('tells 2.8 kbit/s from a SID of AMR-WB IO by the first bit (A.2.1.3)', () => {
    const sid = Uint8Array.of(0x92, 0x39, 1, 2, 3, 4, 5);

    expect(readEvsPayload(EITHER, new Uint8Array(7))?.frames[0]?.frameType).toBe(0);
    expect(readEvsPayload(EITHER, sid)).toBeUndefined();
  });
});

describe('3GPP TS 26.445 §A.2.2 – the header-full format', () => {
  it('is a mode request, a table of contents, then the frames', () => {
    const frames = [aFrame(4, 1), aFrame(1, 2)];

    const payload = writeEvsPayload(EITHER, { modeRequest: WIDE_13_2, frames });

    expect([...payload.subarray(0, 3)]).toEqual([0x80 | WIDE_13_2, 0x44, 0x01]);
    expect(payload).toHaveLength(3 + 33 + 18);
    expect(readEvsPayload(EITHER, payload)).toEqual({ modeRequest: WIDE_13_2, frames });
  });

  it('has the mode request in every payload with cmr=1', () => {
    const writing = { ...EITHER, alwaysRequests: true };

    const payload = writeEvsPayload(writing, { modeRequest: NO_EVS_REQUEST, frames: [aFrame(4)] });

    expect([...payload.subarray(0, 2)]).toEqual([0xff, 0x04]);
  });

  it('is padded where its length would say that it is compact (A.2.2.1.4)', () => {
    const frames = [aFrame(EVS_SID)];
    const writing = { ...EITHER, alwaysRequests: true };

    // A request, a table of contents and five octets more would be 7 with a SID cut short by one.
    const collides = { modeRequest: NO_EVS_REQUEST, frames: [aFrame(EVS_NO_DATA), ...frames] };
    const payload = writeEvsPayload(EITHER, collides);
    expect(isProtectedLength(1 + 1 + 6)).toBe(false);
    expect(payload).toHaveLength(8);

    // 1 + 1 + 18 octets are those of 8 kbit/s.
    const padded = writeEvsPayload(writing, { modeRequest: NO_EVS_REQUEST, frames: [aFrame(1)] });
    expect(padded).toHaveLength(21);
    expect(readEvsPayload(EITHER, padded)?.frames).toEqual([aFrame(1)]);
  });

  it('is the only one with hf-only=1, and not padded then', () => {
    const payload = writeEvsPayload(FULL_ONLY, {
      ...{ modeRequest: NO_EVS_REQUEST, frames: [aFrame(EVS_SID)] },
    });

    expect([...payload.subarray(0, 1)]).toEqual([0x0c]);
    expect(payload).toHaveLength(7);
    expect(readEvsPayload(FULL_ONLY, payload)?.frames).toEqual([aFrame(EVS_SID)]);
  });

  it.each([
    ['none', []],
    ['a mode request alone', [0xff]],
    ['a table of contents without its frame', [0x04]],
    ['a mode request after a mode request', [0xff, 0xff, 0x0f]],
    ['a type that does not exist', [0x0d, 0, 0]],
    ['a frame of AMR-WB IO', [0x3f, 0]],
    ['tables of contents without end', Array.from({ length: 90 }, () => 0x4f)],
  ])('that is not whole is refused: %s', (_name, octets) => {
    expect(readEvsPayload(FULL_ONLY, Uint8Array.from(octets))).toBeUndefined();
  });
});

describe('3GPP TS 26.445 §A.2 – payloads of anybody', () => {
  it('are read back as they were written, in either format, with any frames', () => {
    const frames = fc
      .array(fc.constantFrom(...TYPES), { minLength: 1, maxLength: 12 })
      .map((types) => types.map((type, at) => aFrame(type, at)));
    const writing = fc.record({ headerFullOnly: fc.boolean(), alwaysRequests: fc.boolean() });
    fc.assert(
      fc.property(writing, frames, fc.integer({ min: 0, max: 127 }), (how, these, modeRequest) => {
        const payload = writeEvsPayload(how, { modeRequest, frames: these });

        expect(readEvsPayload(how, payload)).toEqual({ modeRequest, frames: these });
      }),
    );
  });

  it('of any bytes whatever are read or refused, and never throw', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.oneof(
          fc.uint8Array({ maxLength: 400 }),
          fc.constantFrom(...TYPES).chain((type) => {
            const length = evsOctets(type) ?? 0;
            return fc.uint8Array({ minLength: length, maxLength: length + 4 });
          }),
        ),
        (headerFullOnly, payload) => {
          const read = readEvsPayload({ headerFullOnly }, payload);
          for (const { frameType, octets } of read?.frames ?? []) {
            expect(octets[0]).toBe(frameType);
            expect(octets).toHaveLength(1 + (evsOctets(frameType) ?? Number.NaN));
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('cut short are refused, or are another payload of their new length', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TYPES.slice(0, 13)), fc.nat(), (type, cut) => {
        const whole = writeEvsPayload(FULL_ONLY, { modeRequest: 0, frames: [aFrame(type)] });

        expect(readEvsPayload(FULL_ONLY, whole.subarray(0, cut % whole.length))).toBeUndefined();
      }),
    );
  });
});

describe('3GPP TS 26.445 §A.3.1 – what a format asks for', () => {
  it.each([
    ['br=13.2;bw=swb', 0x34],
    ['br=5.9-24.4; bw=nb-swb', 0x24],
    ['br=5.9-8;bw=nb', 0x02],
    ['br=9.6-9.6;bw=wb', 0x23],
    ['br=16.4-128;bw=fb', 0x45],
    ['br-recv=7.2;br-send=24.4;bw-recv=nb;bw-send=wb', 0x01],
    ['br=13.2-5.9;bw=best', WIDE_13_2],
    [undefined, WIDE_13_2],
  ])('decides bandwidth and rate: %s', (format, mode) => {
    expect(firstEvsMode(evsRules(format))).toBe(mode);
  });

  it('lets a mode request (table A.2) go as far as the format does', () => {
    const rules = evsRules('br=7.2-24.4;bw=nb-swb');
    const asked = (request: number) => requestedEvsMode(rules, WIDE_13_2, request);

    expect(asked(0x36)).toBe(0x36);
    expect(asked(0x2b)).toBe(0x26);
    expect(asked(0x20)).toBe(0x21);
    // Full band is not allowed, and super-wideband begins at 9.6 kbit/s.
    expect(asked(0x45)).toBe(0x35);
    expect(asked(0x31)).toBe(0x33);
  });

  it('ignores requests for AMR-WB IO, for nothing, and for what does not exist', () => {
    const rules = evsRules(undefined);

    for (const request of [0x12, NO_EVS_REQUEST, 0x2c, 0x70]) {
      expect(requestedEvsMode(rules, WIDE_13_2, request)).toBe(WIDE_13_2);
    }
  });

  it('takes a request for the channel-aware mode as one for its rate', () => {
    expect(requestedEvsMode(evsRules('bw=nb-swb'), 0x01, 0x53)).toBe(WIDE_13_2);
  });

  it('has pauses, the header-full format and mode requests as it says', () => {
    expect(evsRules('dtx=0').mayPause).toBe(false);
    expect(evsRules('dtx-recv=0').mayPause).toBe(false);
    expect(evsRules('br=13.2').mayPause).toBe(true);
    expect(isHeaderFullOnly('br=13.2', 'HF-only=1')).toBe(true);
    expect(isHeaderFullOnly('hf-only=0', undefined)).toBe(false);
    expect(['cmr=1', 'cmr=-1', 'cmr=0'].map(evsRequests)).toEqual([
      'always',
      'never',
      'where-needed',
    ]);
  });

  it('that begins in AMR-WB IO, or has two channels, is passed over', () => {
    expect(isPlainEvs('evs-mode-switch=1')).toBe(false);
    expect(isPlainEvs('ch-recv=2')).toBe(false);
    expect(isPlainEvs('evs-mode-switch=0;ch-send=1')).toBe(true);
    expect(isPlainEvs(undefined)).toBe(true);
  });
});

describe('3GPP TS 26.445 §A.3.3 – offer and answer', () => {
  it('the answer has the rates and bandwidths of the offer, and no channel-aware mode', () => {
    expect(answeredEvsFormat('br=5.9-24.4; bw=nb-swb; max-red=220; ch-aw-recv=3')).toBe(
      'br=5.9-24.4;bw=nb-swb;ch-aw-recv=-1;max-red=0',
    );
    expect(answeredEvsFormat('hf-only=1;cmr=-1;dtx=0;br=13.2')).toBe(
      'br=13.2;hf-only=1;cmr=-1;dtx=0;ch-aw-recv=-1;max-red=0',
    );
  });

  it('the answer turns directions round', () => {
    expect(answeredEvsFormat('br-send=13.2;br-recv=7.2-9.6;bw-send=wb;bw-recv=nb')).toBe(
      'br-send=7.2-9.6;br-recv=13.2;bw-send=nb;bw-recv=wb;ch-aw-recv=-1;max-red=0',
    );
  });

  it('the answer repeats nothing that is no value of A.3.1', () => {
    expect(answeredEvsFormat('br=4;bw=hd;dtx=yes')).toBe('ch-aw-recv=-1;max-red=0');
  });
});
