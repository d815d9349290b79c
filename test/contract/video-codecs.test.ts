import { spawnSync } from 'node:child_process';
import { createVideoCodecs } from '../../media-node/src/adapters/codecs/create-video-codecs.ts';
import { loadNativeVideoAddon } from '../../media-node/src/adapters/codecs/native-video-addon.ts';
import type { PictureSize, VideoCodecName } from '../../media-node/src/ports/video-codecs.ts';
import { FakeVideoCodecs, fakePicture } from '../support/video/fake-video-codecs.ts';
import { encodedApart, movingPicture } from '../support/video/moving-picture.ts';
import { describeVideoCodecs } from './video-codecs.contract.ts';

const made = new Map<string, readonly Uint8Array[]>();

function realSample(codec: VideoCodecName, size: PictureSize): readonly Uint8Array[] {
  const key = `${codec} ${String(size.width)}`;
  const frames = made.get(key) ?? encodedApart(codec, size, movingPicture(size, 6));
  made.set(key, frames);
  return frames;
}

describeVideoCodecs('real', { create: () => createVideoCodecs(), sample: realSample });
describeVideoCodecs('fake', {
  create: () => new FakeVideoCodecs(),
  sample: (codec, size) =>
    Array.from({ length: 6 }, (_, index) => fakePicture(codec, size, index === 0)),
});

describe('MED-9: the addon of the video codecs', () => {
  it('finds both libraries, which the tests install', () => {
    expect([...createVideoCodecs().missing]).toEqual([]);
  });

  it('is not there: both are missing, for a reason, and cannot be opened', () => {
    const codecs = createVideoCodecs(loadNativeVideoAddon(['./not-there.node']));

    expect([...codecs.missing.keys()]).toEqual(['VP8', 'H264']);
    expect(codecs.missing.get('H264')).toBe('the addon is not built');
    expect(() => codecs.openDecoder('H264')).toThrow(RangeError);
  });

  it.each([
    // Of 16383x16383, and of 2560x1440: the head of a key frame, and a sequence parameter set.
    ['VP8', '1002009d012aff3fff3f00000000'],
    ['H264', '000000016742c033da00a002d640'],
  ] as const)('does not begin with a picture of %s that would take its memory', (codec, head) => {
    const decoder = createVideoCodecs().openDecoder(codec);

    expect(decoder.decode(Buffer.from(head, 'hex'))).toBe('refused');
  });

  it('reads a parameter set of H.264 that is no larger than may be', () => {
    const set = Buffer.from('000000016742c033da0280f640', 'hex');

    expect(createVideoCodecs().openDecoder('H264').decode(set)).toBe('none');
  });

  it('frees what is closed', () => {
    const codecs = createVideoCodecs();
    const [frame = new Uint8Array()] = realSample('VP8', { width: 320, height: 240 });
    const decoder = codecs.openDecoder('VP8');
    decoder.decode(frame);

    decoder.close();
    decoder.close();

    expect(() => decoder.decode(frame)).toThrow('no decoder');
  });

  it('reads random, changed and cut pictures under sanitizers, and never beyond their end', () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['scripts/fuzz-codecs.mjs', '--video', '5'],
      { encoding: 'utf8', timeout: 120_000 },
    );

    const pictures = Number(/(\d+) pictures/.exec(stdout)?.[1] ?? 0);
    expect({ status, stderr: stderr.replace(/^seed \d+\n/, '') }).toEqual({
      status: 0,
      stderr: '',
    });
    expect(pictures).toBeGreaterThan(100);
  }, 150_000);
});
