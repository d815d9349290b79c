import { amrModeRules } from '../../../../../media-node/src/core/voice/format-parameters.ts';
import {
  noRedundancy,
  redundantMode,
  stepRedundancy,
} from '../../../../../media-node/src/core/voice/redundancy.ts';

const MUCH = 0.1;
const SOME = 0.05;
const LITTLE = 0.01;

/** Told these shares, a second apart. */
const told = (...shares: readonly number[]) => shares.reduce(stepRedundancy, noRedundancy);
const times = (count: number, share: number) => Array.from({ length: count }, () => share);

describe('MED-8: redundancy of AMR', () => {
  it('is off while the far side reports little loss, and some', () => {
    expect(told(0, LITTLE, SOME, LITTLE).isOn).toBe(false);
  });

  it('is on from the first report of much', () => {
    expect(told(LITTLE, MUCH).isOn).toBe(true);
  });

  it('stays on while some is lost, however long', () => {
    expect(told(MUCH, ...times(100, SOME)).isOn).toBe(true);
  });

  it('is off again after two reports of little, and not after one', () => {
    expect(told(MUCH, ...times(9, LITTLE)).isOn).toBe(true);
    expect(told(MUCH, ...times(10, LITTLE)).isOn).toBe(false);
    expect(told(MUCH, ...times(9, LITTLE), SOME, ...times(9, LITTLE)).isOn).toBe(true);
  });
});

describe('RFC 4867 §8.1: the mode in which frames are sent twice', () => {
  const modeOf = (
    format: string,
    { ours = 'max-red=80', framesPerPacket = 1, mostFrames = 12, band = 'wide' as const } = {},
  ) =>
    redundantMode({
      rules: amrModeRules(band, format),
      formats: [format, ours],
      ...{ framesPerPacket, mostFrames },
    });

  it('is 8.85 kbit/s of wideband, 7.40 of narrowband, or the highest of their set below', () => {
    expect(modeOf('max-red=220')).toBe(1);
    expect(modeOf('max-red=220;mode-set=0,2')).toBe(0);
    expect(redundantMode(narrow('max-red=220'))).toBe(4);
    expect(redundantMode(narrow('max-red=220;mode-set=0,2,7'))).toBe(2);
    expect(redundantMode(narrow('max-red=220;mode-set=0,7'))).toBe(0);
  });

  it.each([
    ['they state none', 'mode-change-capability=2', {}],
    ['they state 0', 'max-red=0', {}],
    ['we state 0', 'max-red=220', { ours: 'max-red=0' }],
    ['a packet comes later than max-red', 'max-red=20', { framesPerPacket: 2 }],
    ['two packets are more than their maxptime', 'max-red=220', { mostFrames: 1 }],
    ['their mode-set has no mode so low', 'max-red=220;mode-set=2', {}],
  ])('is none where %s', (_name, format, more) => {
    expect(modeOf(format, more)).toBeUndefined();
  });

  const narrow = (format: string) => ({
    rules: amrModeRules('narrow', format),
    formats: [format],
    ...{ framesPerPacket: 1, mostFrames: 2 },
  });
});
