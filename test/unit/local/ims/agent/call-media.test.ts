import { createCallMedia } from '../../../../../local/src/ims/agent/call-media.ts';
import type { RtpEndpoint } from '../../../../../local/src/ims/media/rtp-endpoint.ts';
import type { VideoMirror } from '../../../../../local/src/ims/media/video-mirror.ts';
import type { VideoChoice } from '../../../../../local/src/ims/sdp/video.ts';

const COUNTS = {
  packetsReceived: 0,
  packetsSent: 0,
  speechPackets: 0,
  rtcpReceived: 0,
  digits: '',
};
const endpoint: RtpEndpoint = {
  port: 4_000,
  agree: () => undefined,
  play: () => undefined,
  echo: () => undefined,
  counts: () => COUNTS,
  close: () => undefined,
};

function aService(hasVideo = true) {
  const agreed: (VideoChoice | undefined)[] = [];
  const video: VideoMirror = {
    port: 4_002,
    mirrored: 0,
    agree: (choice) => agreed.push(choice),
    close: () => undefined,
  };
  const media = createCallMedia(endpoint, {
    host: '127.0.0.9',
    video: hasVideo ? video : undefined,
  });
  return { media, agreed };
}

const sdp = (...media: readonly string[]): string =>
  ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', ...media, ''].join(
    '\r\n',
  );
const AUDIO = 'm=audio 5000 RTP/AVP 8';
const videoAt = (port: number, direction = 'sendrecv') => [
  `m=video ${String(port)} RTP/AVPF 100 101`,
  'a=rtpmap:100 rtx/90000',
  'a=rtpmap:101 VP8/90000',
  `a=${direction}`,
];
const mediaLines = (text: string | undefined): readonly string[] => text?.match(/^m=.*$/gm) ?? [];
const directionOfVideo = (text = ''): string | undefined =>
  /^a=((?:send|recv)\w+|inactive)\r$/m.exec(text.split('m=video')[1] ?? '')?.[1];

describe('SES-5: the service that sends a picture back', () => {
  it('takes the first format that is a picture, at a port of its own', () => {
    const { media, agreed } = aService();

    const answer = media.answer(sdp(AUDIO, ...videoAt(6_000)));

    expect(mediaLines(answer)).toEqual(['m=audio 4000 RTP/AVP 8', 'm=video 4002 RTP/AVPF 101']);
    expect(agreed.at(-1)).toMatchObject({ remote: { rtpPort: 6_000 }, direction: 'sendrecv' });
  });

  it.each([
    ['recvonly', 'inactive'],
    ['sendonly', 'recvonly'],
    ['inactive', 'inactive'],
  ])('has nothing to show where %s is offered: %s', (offered, answered) => {
    const { media } = aService();

    expect(directionOfVideo(media.answer(sdp(AUDIO, ...videoAt(6_000, offered))))).toBe(answered);
  });

  it('of a service of sound is refused in its place, and stays so (RFC 3264 §8)', () => {
    const { media } = aService(false);

    const answer = media.answer(sdp(AUDIO, ...videoAt(6_000)));

    expect(mediaLines(answer)).toEqual(['m=audio 4000 RTP/AVP 8', 'm=video 0 RTP/AVPF 100 101']);
    expect(mediaLines(media.offer('sendonly'))).toEqual([
      'm=audio 4000 RTP/AVP 8',
      'm=video 0 RTP/AVPF 100 101',
    ]);
  });

  it('is added behind the audio, and kept in every later offer', () => {
    const { media, agreed } = aService();
    media.answer(sdp(AUDIO));

    const added = media.offer('sendrecv', 'added');
    media.take(sdp(AUDIO, 'm=video 6000 RTP/AVPF 98', 'a=rtpmap:98 VP8/90000'));
    const held = media.offer('sendonly');

    expect(mediaLines(added)).toEqual(['m=audio 4000 RTP/AVP 8', 'm=video 4002 RTP/AVPF 97 98']);
    expect(mediaLines(held)).toEqual(['m=audio 4000 RTP/AVP 8', 'm=video 4002 RTP/AVPF 98']);
    expect(agreed.at(-1)).toMatchObject({ codec: { name: 'VP8' } });
  });

  it('is over with port 0, and comes again in the same place', () => {
    const { media, agreed } = aService();
    media.answer(sdp(AUDIO, ...videoAt(6_000)));

    const ended = media.answer(sdp(AUDIO, ...videoAt(0)));
    const later = agreed.at(-1);
    const again = media.answer(sdp(AUDIO, ...videoAt(6_004)));

    expect(mediaLines(ended)[1]).toBe('m=video 0 RTP/AVPF 100 101');
    expect(later).toBeUndefined();
    expect(mediaLines(again)[1]).toBe('m=video 4002 RTP/AVPF 101');
  });
});
