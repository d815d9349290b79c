import {
  h264IdAt,
  h264ProfileOf,
  hasSliceGroups,
} from '../../media-node/src/core/sdp/h264-profile.ts';
import { parameterOf, type VideoCodec } from '../../media-node/src/core/sdp/video-codecs.ts';
import {
  firstShared,
  nearestVideo,
  offeredAs,
  parametersFor,
  withConstrained,
} from '../../media-node/src/core/sdp/video-meeting.ts';

const h264 = (id: string, payloadType = 97, mode = 1): VideoCodec => ({
  ...{ name: 'H264', payloadType },
  fmtp: `profile-level-id=${id};packetization-mode=${String(mode)}`,
});
const VP8: VideoCodec = { name: 'VP8', payloadType: 96 };
/** Two picture parameter sets of Baseline: one slice group, and two. */
const [PLAIN_SETS, SLICE_GROUPS] = ['Z0KAFNoFB+Q=,aM48gA==', 'Z0KAFNoFB+Q=,aMVK'];

describe('RFC 6184 §8.1, Table 5: one profile is written in several ways (MED-9)', () => {
  it.each([
    ['constrained-baseline', ['42e01f', '42C01E', '42f00b', '4d8028', '58c00a']],
    ['baseline', ['42801F', '42001f', '428014', '42900b', '58800a']],
    ['main', ['4d001f', '4D401F']],
    ['extended', ['58001f', '58301f']],
  ])('%s', (name, ids) => {
    expect(ids.map(h264ProfileOf)).toEqual(ids.map(() => name));
  });

  it('keeps apart what is in no row of it', () => {
    expect(h264ProfileOf('64001f')).not.toBe(h264ProfileOf('640c1f'));
    expect(h264ProfileOf('6e001f')).not.toBe(h264ProfileOf('7a001f'));
    expect(h264ProfileOf('42e11f')).not.toBe('constrained-baseline');
    expect(h264ProfileOf('no profile')).not.toBe(h264ProfileOf('64001f'));
  });

  it('takes parameter sets whole, whatever base64 ends with', () => {
    const fmtp = `packetization-mode=1; sprop-parameter-sets=${PLAIN_SETS};profile-level-id=428014`;

    expect(parameterOf({ ...VP8, fmtp }, 'sprop-parameter-sets')).toBe(PLAIN_SETS);
    expect(parameterOf({ ...VP8, fmtp }, 'profile-level-id')).toBe('428014');
  });

  it('reads of the parameter sets whether pictures come in slice groups', () => {
    expect([PLAIN_SETS, SLICE_GROUPS, '', 'aA==', '?'].map(hasSliceGroups)).toEqual([
      ...[false, true, false],
      ...[false, false],
    ]);
  });
});

describe('RFC 6184 §8.2.2: a profile and its constrained part meet (MED-9)', () => {
  it('where no format is the same, of one packetization', () => {
    const ofBrowser = [h264('42e01f', 106), h264('42001f', 102), VP8];

    expect(nearestVideo(ofBrowser, h264('42801F'))?.payloadType).toBe(102);
    expect(nearestVideo(ofBrowser, h264('4d801f'))?.payloadType).toBe(106);
    expect(nearestVideo([h264('42e01f', 106)], h264('42801F'))?.payloadType).toBe(106);
    expect(nearestVideo([h264('42e01f')], h264('42801F', 97, 0))).toBeUndefined();
    expect(nearestVideo([h264('640c1f', 96)], h264('64001f'))?.payloadType).toBe(96);
    expect(nearestVideo(ofBrowser, h264('64001f'))).toBeUndefined();
    expect(nearestVideo(ofBrowser, h264('4d001f'))).toBeUndefined();
  });

  it('but not where slice groups are announced, which no browser decodes', () => {
    const told = (sets: string): VideoCodec => ({
      ...h264('428014'),
      fmtp: `${h264('428014').fmtp ?? ''};sprop-parameter-sets=${sets}`,
    });

    expect(nearestVideo([h264('42001f'), h264('42e01f')], told(PLAIN_SETS))).toBeDefined();
    expect(nearestVideo([h264('42001f'), h264('42e01f')], told(SLICE_GROUPS))).toBeUndefined();
  });

  it('the order of theirs counts, and what is written alike', () => {
    const theirs = [h264('428014', 97), h264('42e01f', 98), VP8];

    expect(firstShared(theirs, [h264('42e01f', 112), VP8])?.payloadType).toBe(98);
    expect(firstShared(theirs, [h264('42001f', 113), h264('42e01f', 112)])?.payloadType).toBe(97);
    expect(firstShared([h264('428014', 97), VP8], [VP8, h264('42e01f')])?.payloadType).toBe(97);
    expect(firstShared(theirs, [h264('64001f')])).toBeUndefined();
  });

  it('an answer is known by its number first: it will come by that', () => {
    const offered = [h264('42001f', 102), h264('42e01f', 108), h264('42e01f', 114, 0)];

    expect(offeredAs(offered, h264('42e01f', 108))?.payloadType).toBe(108);
    expect(offeredAs(offered, h264('428014', 108))?.payloadType).toBe(108);
    expect(offeredAs(offered, h264('428014', 99))?.payloadType).toBe(102);
    expect(offeredAs(offered, h264('42e01f', 108, 0))?.payloadType).toBe(114);
    expect(offeredAs(offered, h264('64001f', 108))).toBeUndefined();
  });

  it('each side is told its own profile, at the level of the other', () => {
    const limits = { ...h264('428014'), fmtp: `max-fs=3600; ${h264('428014').fmtp ?? ''}` };

    expect(parametersFor(h264('42e01f'), limits)).toBe(
      'profile-level-id=42e014;max-fs=3600;packetization-mode=1',
    );
    expect(parametersFor(h264('42001f'), limits)).toBe(limits.fmtp);
    expect(parametersFor(h264('42e01f'), { name: 'H264', payloadType: 97 })).toBe(
      'profile-level-id=42e00a',
    );
    expect(parametersFor(VP8, { ...VP8, fmtp: 'max-fs=3600' })).toBe('max-fs=3600');
  });

  it('level 1b is told by a flag of the profile, and stays itself (ITU-T H.264 §A.3.1)', () => {
    expect([h264IdAt('42e01f', '42900b'), h264IdAt('42001f', '42f00b')]).toEqual([
      '42f00b',
      '42100b',
    ]);
  });

  it('a browser is offered the constrained part behind a Baseline, once', () => {
    const offered = withConstrained([
      h264('428014'),
      h264('42801F', 98),
      VP8,
      h264('428014', 99, 0),
    ]);

    expect(offered.map(({ name, fmtp = '' }) => [name, fmtp])).toEqual([
      ['H264', 'profile-level-id=428014;packetization-mode=1'],
      ['H264', 'profile-level-id=42e014;packetization-mode=1'],
      ['VP8', ''],
      ['H264', 'profile-level-id=428014;packetization-mode=0'],
      ['H264', 'profile-level-id=42e014;packetization-mode=0'],
    ]);
    const both = [h264('428014'), h264('42e01f', 98)];
    expect(withConstrained(both)).toEqual(both);
  });
});
