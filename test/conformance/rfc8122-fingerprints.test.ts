import { readBrowserMedia } from '../../media-node/src/core/sdp/browser-reading.ts';
import {
  isSameFingerprints,
  MAX_FINGERPRINTS,
  readFingerprints,
} from '../../media-node/src/core/sdp/fingerprint.ts';
import { aCallMedia, answered, taken } from '../support/a-call-media.ts';
import { aBrowserSdp, anImsSdp } from '../support/an-sdp.ts';

const hex = (pair: string, octets: number): string =>
  Array.from({ length: octets }, () => pair).join(':');
const [A, B] = [hex('AA', 32), hex('BB', 32)];
const STRONG = hex('CC', 64);
const [SHA1, MD5] = [`sha-1 ${hex('DD', 20)}`, `md5 ${hex('EE', 16)}`];

describe('RFC 8122 §5.1: several fingerprints (MED-7)', () => {
  it.each<readonly [string, readonly string[], string | undefined, readonly string[]]>([
    ['of one hash name as many certificates', [`sha-256 ${A}`, `sha-256 ${B}`], 'sha-256', [A, B]],
    [
      'count by the strongest hash alone',
      [`sha-256 ${A}`, `sha-512 ${STRONG}`],
      'sha-512',
      [STRONG],
    ],
    [
      'count by the strongest in whatever order',
      [`SHA-384 ${hex('ab', 48)}`, `sha-256 ${A}`],
      'sha-384',
      [hex('AB', 48)],
    ],
    ['of MD5 and SHA-1 beside it are passed over', [MD5, SHA1, `sha-256 ${A}`], 'sha-256', [A]],
    [
      'of a hash nobody knows are passed over',
      [`sha3-512 ${STRONG}`, `sha-256 ${A}`],
      'sha-256',
      [A],
    ],
    ['that cannot be read are passed over', [`sha-512 ${A}`, `sha-256 ${A}`], 'sha-256', [A]],
    [
      'that say the same twice are one',
      [`sha-256 ${A}`, `sha-256 ${A.toLowerCase()}`],
      'sha-256',
      [A],
    ],
    ['that are all too weak are none', [MD5, SHA1], undefined, []],
  ])('%s', (_name, attributes, algorithm, values) => {
    const read = readFingerprints(attributes);

    expect(read?.algorithm).toBe(algorithm);
    expect(read?.values ?? []).toEqual(values);
  });

  it('are taken up to a bound', () => {
    const many = Array.from({ length: 20 }, (_, at) => `sha-256 ${hex(String(10 + at), 32)}`);

    expect(readFingerprints(many)?.values).toHaveLength(MAX_FINGERPRINTS);
  });

  it('are the same set in another order, and another with one more', () => {
    const of = (...values: readonly string[]) => ({ algorithm: 'sha-256', values });

    expect(isSameFingerprints(of(A, B), of(B, A))).toBe(true);
    expect(isSameFingerprints(of(A), of(A, B))).toBe(false);
    expect(isSameFingerprints(of(A), of(B))).toBe(false);
  });
});

describe('RFC 8122 §5: several fingerprints of a browser (MED-7)', () => {
  const lines = (...names: readonly string[]): string =>
    names.map((name) => `a=fingerprint:${name}\r\n`).join('');
  const offer = (atSession: string, inSection: string): string =>
    aBrowserSdp()
      .replace(/a=fingerprint:.*\r\n/g, inSection)
      .replace('t=0 0\r\n', `t=0 0\r\n${atSession}`);

  it.each([
    ['all of its section count', '', lines(`sha-256 ${A}`, MD5, `sha-256 ${B}`), [A, B]],
    [
      'those of its section go before those of the session',
      lines(`sha-512 ${STRONG}`),
      lines(`sha-256 ${A}`),
      [A],
    ],
    [
      'those of the session count where its section has none',
      lines(`sha-256 ${B}`, `sha-256 ${A}`),
      '',
      [B, A],
    ],
  ])('%s', (_name, atSession, inSection, values) => {
    const read = readBrowserMedia(offer(atSession, inSection), 'offer');

    expect(read.ok && read.value.fingerprints.values).toEqual(values);
  });
});

describe('RFC 8842 §4: several fingerprints of IMS (MED-7)', () => {
  const offer = (...names: readonly string[]): string =>
    anImsSdp({
      profile: 'UDP/TLS/RTP/SAVP',
      audioLines: ['a=setup:actpass', ...names.map((name) => `a=fingerprint:${name}`)],
    });

  it('all name the peer of one association, in whatever order, until one is added', async () => {
    const { media, call } = aCallMedia();

    await answered(media, offer(`sha-256 ${A}`, SHA1, `sha-256 ${B}`));
    const first = call.remoteIms?.dtls;
    taken(media.takeImsReoffer(offer(`sha-256 ${B}`, `sha-256 ${A}`)));
    const again = call.remoteIms?.dtls;
    taken(media.takeImsReoffer(offer(`sha-256 ${B}`, `sha-256 ${A}`, `sha-256 ${hex('FF', 32)}`)));

    expect(first?.fingerprints).toEqual({ algorithm: 'sha-256', values: [A, B] });
    expect([first, again, call.remoteIms?.dtls].map((it) => it?.association)).toEqual([1, 1, 2]);
  });
});
