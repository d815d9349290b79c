import {
  opusSettings,
  wantsOpusPauses,
} from '../../media-node/src/core/voice/format-parameters.ts';
import { isOpusPause, opusTicks } from '../../media-node/src/core/voice/opus-packet.ts';

const packet = (configuration: number, code: number, ...rest: readonly number[]): Uint8Array =>
  Uint8Array.of((configuration << 3) | code, ...rest);

describe('RFC 6716 §3.1 – how long a packet sounds', () => {
  it.each([
    ['SILK, 20 ms', packet(9, 0, 1), 960],
    ['SILK, 60 ms', packet(11, 0, 1), 2880],
    ['hybrid, 10 ms', packet(12, 0, 1), 480],
    ['CELT, 2.5 ms', packet(16, 0, 1), 120],
    ['two frames of 20 ms', packet(9, 1, 1), 1920],
    ['two frames of different sizes', packet(9, 2, 1), 1920],
    ['six frames of 20 ms', packet(9, 3, 6), 5760],
  ])('%s', (_name, octets, ticks) => {
    expect(opusTicks(octets)).toBe(ticks);
  });

  it.each([
    ['no octets', new Uint8Array(0)],
    ['a count that is missing', packet(9, 3)],
    ['no frames', packet(9, 3, 0)],
    ['more than 120 ms', packet(9, 3, 7)],
  ])('is unknown of what is no packet: %s', (_name, octets) => {
    expect(opusTicks(octets)).toBeUndefined();
  });
});

describe('RFC 7587 §3.1.3 – discontinuous transmission', () => {
  it('is begun by a TOC and at most one octet', () => {
    expect(isOpusPause(packet(9, 0))).toBe(true);
    expect(isOpusPause(packet(9, 0, 1))).toBe(true);
    expect(isOpusPause(packet(9, 0, 1, 2))).toBe(false);
  });

  it('is wanted by usedtx=1 alone', () => {
    expect(wantsOpusPauses('minptime=10;useinbandfec=1;usedtx=1')).toBe(true);
    expect(wantsOpusPauses('minptime=10')).toBe(false);
  });
});

describe('RFC 7587 §6.1 – what the receiver asks for', () => {
  it('is obeyed: redundancy, constant rate, bandwidth, highest bit rate', () => {
    const format =
      'useinbandfec=1; cbr=1; maxplaybackrate=16000; maxaveragebitrate=20000; stereo=1';

    expect(opusSettings(format, 16_000)).toEqual({
      bitrate: 20_000,
      withRedundancy: true,
      isConstantRate: true,
      playbackRateHz: 16_000,
    });
  });

  it('is a default where it is missing, and no nonsense is taken', () => {
    expect(opusSettings(undefined, 16_000)).toEqual({
      bitrate: 28_000,
      withRedundancy: false,
      isConstantRate: false,
      playbackRateHz: 48_000,
    });
    expect(opusSettings('maxaveragebitrate=-1;maxplaybackrate=x', 8000).bitrate).toBe(16_000);
    expect(opusSettings('maxaveragebitrate=1', 8000).bitrate).toBe(6000);
  });
});
