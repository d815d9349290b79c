import { h264ProfileOf } from '../../media-node/src/core/sdp/h264-profile.ts';
import {
  isSameVideo,
  nearestVideo,
  parametersFor,
  type VideoCodec,
} from '../../media-node/src/core/sdp/video-codecs.ts';

const h264 = (id: string, payloadType = 97): VideoCodec => ({
  ...{ name: 'H264', payloadType },
  fmtp: `profile-level-id=${id};packetization-mode=1`,
});

describe('RFC 6184 §8.1, Table 5: one profile is written in several ways (MED-9)', () => {
  it.each([
    ['constrained-baseline', ['42e01f', '42C01E', '4d8028', '58c00a']],
    ['baseline', ['42801F', '42001f', '428014', '58800a']],
    ['main', ['4d001f', '4D401F']],
    ['extended', ['58001f', '58301f']],
  ])('%s', (name, ids) => {
    expect(ids.map(h264ProfileOf)).toEqual(ids.map(() => name));
  });

  it('keeps apart what is in no row of it', () => {
    expect(h264ProfileOf('64001f')).not.toBe(h264ProfileOf('640c1f'));
    expect(h264ProfileOf('42e11f')).not.toBe('constrained-baseline');
    expect(h264ProfileOf('no profile')).not.toBe(h264ProfileOf('64001f'));
  });
});

describe('RFC 6184 §8.2.2: Baseline of a phone and of a browser (MED-9)', () => {
  it('are the same, whichever of the two is said, and High is another', () => {
    expect(isSameVideo(h264('42801F'), h264('42e01f'))).toBe(true);
    expect(isSameVideo(h264('42801F'), h264('64001f'))).toBe(false);
  });

  it('meet in the format that is written alike, where there is one', () => {
    const ofBrowser = [h264('42e01f', 106), h264('42001f', 102)];

    expect(nearestVideo(ofBrowser, h264('42801F'))?.payloadType).toBe(102);
    expect(nearestVideo(ofBrowser, h264('4d801f'))?.payloadType).toBe(106);
    expect(nearestVideo(ofBrowser, h264('64001f'))).toBeUndefined();
  });

  it('are said to each as it writes them, at the level of the other', () => {
    expect(parametersFor(h264('42e01f'), h264('428014'))).toBe(
      'profile-level-id=42e014;packetization-mode=1',
    );
    expect(parametersFor(h264('42001f'), h264('428014'))).toBe(h264('428014').fmtp);
  });
});
