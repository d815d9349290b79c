import fc from 'fast-check';
import {
  type AmrBand,
  type AmrFrame,
  amrBits,
  amrTable,
  NO_DATA,
  tocOctet,
} from '../../media-node/src/core/voice/amr-frame.ts';
import {
  type AmrModeRules,
  firstMode,
  nextMode,
  requestMode,
} from '../../media-node/src/core/voice/amr-modes.ts';
import {
  type AmrFraming,
  NO_REQUEST,
  readAmrPayload,
  writeAmrPayload,
} from '../../media-node/src/core/voice/amr-payload.ts';
import { askableModes } from '../../media-node/src/core/voice/askable-modes.ts';
import {
  amrModeRules,
  answeredAmrFormat,
  isPlainAmr,
} from '../../media-node/src/core/voice/format-parameters.ts';
import { firstModeRequest, stepModeRequest } from '../../media-node/src/core/voice/mode-request.ts';
import { LEGS } from '../support/a-voice-leg.ts';

/** Octets of a text of bits; blanks are for the eye. */
const bits = (text: string): Uint8Array => {
  const plain = text.replaceAll(/\s/g, '');
  const padded = plain.padEnd(Math.ceil(plain.length / 8) * 8, '0');
  return Uint8Array.from(padded.match(/.{8}/g) ?? [], (octet) => Number.parseInt(octet, 2));
};
const ones = (count: number): string => '1'.repeat(count);

/** A frame whose bits follow from `seed`, zero past its end as an encoder leaves them. */
function aFrame(band: AmrBand, frameType: number, seed = 1): AmrFrame {
  const count = amrBits(band, frameType) ?? 0;
  const octets = new Uint8Array(1 + Math.ceil(count / 8));
  octets[0] = tocOctet(frameType, true);
  for (let bit = 0; bit < count; bit += 1) {
    const isSet = ((bit * 2_654_435_761 + seed * 40_503) >>> 7) & 1;
    const at = 1 + (bit >> 3);
    octets[at] = (octets[at] ?? 0) | (isSet << (7 - (bit & 7)));
  }
  return { frameType, isGood: true, octets };
}

describe('RFC 4867 §4.3 – bandwidth-efficient payloads', () => {
  const framing: AmrFraming = { band: 'narrow', octetAligned: false };

  it('are four bits of CMR, six of ToC, then the speech at the very next bit', () => {
    // AMR 4.75: CMR 15, F 0, FT 0, Q 1, 95 bits of speech, three of padding.
    const payload = bits(`1111 0 0000 1 ${ones(95)}`);

    const read = readAmrPayload(framing, payload);

    expect(payload).toHaveLength(14);
    expect(read?.modeRequest).toBe(NO_REQUEST);
    expect(read?.frames).toHaveLength(1);
    expect([...(read?.frames[0]?.octets ?? [])]).toEqual([
      0x04,
      ...new Uint8Array(11).fill(0xff),
      0xfe,
    ]);
  });

  it('hold several frames with all their ToCs first', () => {
    // SID (39 bits) after AMR-WB 6.60 (132 bits), the second one damaged.
    const payload = bits(`0010 1 0000 1 0 1001 0 ${'01'.repeat(66)} ${ones(40)}`);

    const read = readAmrPayload({ band: 'wide', octetAligned: false }, payload);

    expect(read?.modeRequest).toBe(2);
    expect(read?.frames.map(({ frameType, isGood }) => [frameType, isGood])).toEqual([
      [0, true],
      [9, false],
    ]);
    expect([...(read?.frames[1]?.octets.subarray(1) ?? [])]).toEqual([
      ...new Uint8Array(5).fill(0xff),
    ]);
  });
});

describe('RFC 4867 §4.4 – octet-aligned payloads', () => {
  const framing: AmrFraming = { band: 'wide', octetAligned: true };

  it('pad CMR, ToC and every frame to whole octets', () => {
    const payload = bits(`0101 0000 0 0000 1 00 ${ones(132)}`);

    const read = readAmrPayload(framing, payload);

    expect(payload).toHaveLength(2 + 17);
    expect(read?.modeRequest).toBe(5);
    expect(read?.frames[0]?.octets.at(-1)).toBe(0xf0);
  });

  it('of NO_DATA alone have no speech at all (§5.3)', () => {
    const read = readAmrPayload(framing, bits('1111 0000 0 1111 1 00'));

    expect(read?.frames).toEqual([
      { frameType: NO_DATA, isGood: true, octets: Uint8Array.of(tocOctet(NO_DATA, true)) },
    ]);
  });
});

describe('RFC 4867 §4.3.2 – payloads that are not whole', () => {
  const framings: readonly AmrFraming[] = [
    { band: 'narrow', octetAligned: false },
    { band: 'narrow', octetAligned: true },
    { band: 'wide', octetAligned: false },
    { band: 'wide', octetAligned: true },
  ];

  it.each([
    ['none', new Uint8Array(0)],
    ['a CMR alone', Uint8Array.of(0xf0)],
    ['a ToC without its speech', Uint8Array.of(0xf0, 0x04)],
    ['a frame type that does not exist', bits(`1111 0000 0 1011 1 00 ${ones(400)}`)],
    ['ToCs without end', new Uint8Array(40).fill(0xff)],
  ])('are refused: %s', (_name, payload) => {
    const read = readAmrPayload({ band: 'wide', octetAligned: true }, payload);

    expect(read).toBeUndefined();
  });

  it('of any bytes whatever are read or refused, and never throw', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...framings),
        fc.uint8Array({ maxLength: 120 }),
        (framing, payload) => {
          const read = readAmrPayload(framing, payload);
          const lengths = read?.frames.map((it) => it.octets.length) ?? [];
          expect(lengths.every((it) => it >= 1 && it <= 61)).toBe(true);
        },
      ),
    );
  });

  it('are what is left of any payload that was written and cut short', () => {
    fc.assert(
      fc.property(aPayload(), fc.nat(), ({ framing, frames }, cut) => {
        const whole = writeAmrPayload(framing, { modeRequest: NO_REQUEST, frames });
        const short = whole.subarray(0, cut % whole.length);
        const hasSpeech = frames.some((it) => it.octets.length > 1);
        if (hasSpeech) expect(readAmrPayload(framing, short)).toBeUndefined();
      }),
    );
  });
});

function aPayload() {
  return fc
    .record({
      band: fc.constantFrom<AmrBand>('narrow', 'wide'),
      octetAligned: fc.boolean(),
      types: fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 1, maxLength: 12 }),
      seed: fc.nat(),
    })
    .map(({ band, octetAligned, types, seed }) => ({
      framing: { band, octetAligned },
      frames: types
        .filter((type) => amrBits(band, type) !== undefined)
        .concat(0)
        .slice(0, 12)
        .map((type, at) => aFrame(band, type, seed + at)),
    }));
}

describe('RFC 4867 §4 – what was written', () => {
  it('is read back bit for bit, in either framing, of either codec, with any frames', () => {
    fc.assert(
      fc.property(
        aPayload(),
        fc.integer({ min: 0, max: 15 }),
        ({ framing, frames }, modeRequest) => {
          const payload = writeAmrPayload(framing, { modeRequest, frames });

          expect(readAmrPayload(framing, payload)).toEqual({ modeRequest, frames });
        },
      ),
    );
  });
});

describe('RFC 4867 §8.1 – modes', () => {
  const rules = (format: string): AmrModeRules => amrModeRules('wide', format);
  const played = (of: AmrModeRules, request: number, frames: number): readonly number[] => {
    let state = requestMode(of, nextMode(of, firstMode(of)), request);
    return Array.from({ length: frames }, () => {
      state = nextMode(of, state);
      return state.mode;
    });
  };

  it('begin with 12.65 kbit/s, or the highest below it that is allowed', () => {
    expect(firstMode(rules('')).mode).toBe(2);
    expect(firstMode(rules('mode-set=0,1')).mode).toBe(1);
    expect(firstMode(rules('mode-set=4,8')).mode).toBe(4);
    expect(firstMode(amrModeRules('narrow', 'mode-set=0,2,4,7')).mode).toBe(7);
  });

  it('follow a CMR as far as the mode-set goes (§4.3.1)', () => {
    expect(played(rules(''), 8, 1)).toEqual([8]);
    expect(played(rules('mode-set=0,1,2'), 8, 1)).toEqual([2]);
    expect(played(rules('mode-set=1,2'), 0, 1)).toEqual([1]);
  });

  it('stay as they are where the CMR is 15 or names no mode', () => {
    expect(played(rules(''), 15, 2)).toEqual([2, 2]);
    expect(played(rules(''), 9, 2)).toEqual([2, 2]);
  });

  it('change in every second frame only, with mode-change-period=2', () => {
    expect(played(rules('mode-change-period=2'), 8, 3)).toEqual([2, 8, 8]);
  });

  it('go by neighbours of the set, with mode-change-neighbor=1', () => {
    expect(played(rules('mode-set=0,2,5,8;mode-change-neighbor=1'), 8, 3)).toEqual([5, 8, 8]);
    expect(played(rules('mode-change-neighbor=1'), 0, 3)).toEqual([1, 0, 0]);
  });

  it('pass over what a mode-set cannot hold', () => {
    expect(rules('mode-set=2,x,9,,0').modeSet).toEqual([0, 2]);
  });

  it('are asked for lower while much is lost, and freely again when it is not', () => {
    const leg = { ...LEGS['AMR-WB'], arrivingFormat: 'mode-set=1,2' };
    const requests = askableModes(leg) ?? { none: -1, less: -1, enough: -1 };
    const lossy = { isLost: true, requests };
    const clear = { isLost: false, requests };
    let state = firstModeRequest(requests);
    for (let frame = 0; frame < 100; frame += 1) {
      state = stepModeRequest(state, frame % 10 === 0 ? lossy : clear);
    }
    const whileLossy = state.request;
    for (let frame = 0; frame < 100; frame += 1) state = stepModeRequest(state, clear);

    expect(whileLossy).toBe(1);
    expect(state.request).toBe(NO_REQUEST);
  });
});

describe('RFC 4867 §8.3 – offer and answer', () => {
  it('the answer repeats framing and modes, and leaves out what it does not do', () => {
    expect(answeredAmrFormat('octet-align=1; mode-set=0,2,5; max-red=220; crc=0')).toBe(
      'octet-align=1;mode-set=0,2,5;mode-change-capability=2;max-red=80',
    );
    expect(answeredAmrFormat('max-red=40')).toBe('mode-change-capability=2;max-red=40');
    expect(answeredAmrFormat(undefined)).toBe('mode-change-capability=2;max-red=0');
  });

  it('CRCs, sorting and interleaving are not taken', () => {
    expect(isPlainAmr('octet-align=1;crc=1')).toBe(false);
    expect(isPlainAmr('octet-align=1;robust-sorting=1')).toBe(false);
    expect(isPlainAmr('octet-align=1;interleaving=30')).toBe(false);
    expect(isPlainAmr('octet-align=1;crc=0')).toBe(true);
    expect(isPlainAmr(undefined)).toBe(true);
  });

  it('knows the sizes of 3GPP TS 26.101 and TS 26.201', () => {
    expect(amrTable('narrow').bits).toEqual([95, 103, 118, 134, 148, 159, 204, 244, 39]);
    expect(amrTable('wide').bits).toEqual([132, 177, 253, 285, 317, 365, 397, 461, 477, 40]);
  });
});
