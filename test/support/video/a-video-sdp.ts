/** A browser's section with what it wraps and repairs its formats in. */
export const browserVideo = (direction = 'sendrecv'): readonly string[] => [
  'm=video 9 UDP/TLS/RTP/SAVPF 96 97 108 114 118',
  'c=IN IP4 0.0.0.0',
  'a=mid:1',
  `a=${direction}`,
  'a=rtcp-mux',
  'a=extmap:13 urn:3gpp:video-orientation',
  'a=rtpmap:96 VP8/90000',
  'a=rtcp-fb:96 nack pli',
  'a=rtpmap:97 rtx/90000',
  'a=fmtp:97 apt=96',
  'a=rtpmap:108 H264/90000',
  'a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
  'a=rtpmap:114 H264/90000',
  'a=fmtp:114 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f',
  'a=rtpmap:118 red/90000',
];

/** The same of a browser that has but one of its formats. */
export const browserVideoOf = (name: 'VP8' | 'H264'): readonly string[] => {
  const numbers = name === 'VP8' ? ['96'] : ['108', '114'];
  const isOther = (line: string): boolean =>
    /^a=(rtpmap|fmtp|rtcp-fb):/.test(line) && !numbers.some((it) => line.includes(`:${it} `));
  return browserVideo()
    .filter((line) => !isOther(line))
    .map((line) =>
      line.startsWith('m=') ? `m=video 9 UDP/TLS/RTP/SAVPF ${numbers.join(' ')}` : line,
    )
    .concat(`a=rtcp-fb:${numbers[0] ?? ''} nack pli`);
};

export const imsVideo = (lines: readonly string[] = [], port = 30_002): readonly string[] => [
  `m=video ${String(port)} RTP/AVPF 99`,
  'a=rtpmap:99 H264/90000',
  'a=fmtp:99 profile-level-id=42c00d;packetization-mode=1',
  'a=rtcp-fb:* nack pli',
  'a=extmap:7 urn:3gpp:video-orientation',
  ...lines,
];

/** What an offer says to a browser that has never heard of a format. */
export const asReadWithout = (name: 'H264' | 'VP8', offer: string): string =>
  withoutNumbers(offer, new RegExp(`a=rtpmap:(\\d+) ${name}/`, 'g'));

/** The same to one whose H.264 is constrained: Safari's, and of Firefox for long. */
export const asReadWithoutBaseline = (offer: string): string =>
  withoutNumbers(offer, /a=fmtp:(\d+) .*profile-level-id=42[08]0/g);

function withoutNumbers(offer: string, lines: RegExp): string {
  const numbers = [...offer.matchAll(lines)].map(([, number]) => number ?? '');
  const isOfIt = (line: string): boolean =>
    numbers.some((it) => new RegExp(`^a=(rtpmap|fmtp|rtcp-fb):${it} `).test(line));
  const left = (line: string): string =>
    line
      .split(' ')
      .filter((word, at) => at < 3 || !numbers.includes(word))
      .join(' ');
  return offer
    .split('\r\n')
    .filter((line) => !isOfIt(line))
    .map((line) => (line.startsWith('m=video') ? left(line) : line))
    .join('\r\n');
}
